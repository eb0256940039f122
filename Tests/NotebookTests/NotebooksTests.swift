import Engine
import FileSystem
import Formats
import Foundation
import Networks
import Testing
import Training

@testable import Data
@testable import Notebook

/// The batch files under `lessons/notebooks` run as they stand, on the small base and on letters in place of tweets.
@Suite struct NotebooksTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "lessons/notebooks")
  static var files: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".graft") }.sorted()
  }

  /// What stands in a notebook.
  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test(arguments: ["dpo.graft", "reward-model.graft", "rlaif.graft", "rlhf.graft"]) func alignmentRuns(
    name: String
  ) throws {
    #expect(Self.files.contains(name))
    let text = try Self.text(name)
    let memory = MemoryFiles()
    try memory.write(name, text: text)
    let bench = try TimeBench(files: memory)
    for value in ["base=alphabet", "source=letters", "steps=40", "rounds=5"] { try bench.session.give(value) }
    let shown = try bench.run("run \(name)")
    let state = try bench.session.current().trainer.state
    #expect(state.step == (name == "rlhf.graft" ? 5 : 40) && !shown.contains("error:"))
    let reward = bench.session.models.first { $0.name == "r" }
    if let reward {
      #expect(reward.trainer.state.step == 40)
      if name != "rlaif.graft" { #expect(reward.lastEvaluation?.accuracy ?? 0 > 0.6) }
    }
  }

  /// Runs a notebook on files in memory, with values given from outside; a fresh model over byte pairs lies in `words`.
  private func run(_ name: String, _ values: [String]) throws -> (bench: TimeBench, shown: String) {
    let memory = MemoryFiles()
    try memory.write(
      name, text: Self.text(name))
    try TextBench.write("words", memory, context: 96)
    let bench = try TimeBench(files: memory)
    for value in values { try bench.session.give(value) }
    return (bench, try bench.run("run \(name)"))
  }

  /// Every policy is measured from step 0, by the people's reward model; the untrained one has gone nowhere.
  @Test func policiesAreCompared() throws {
    let (bench, shown) = try run(
      "policies.graft", ["base=alphabet", "source=letters", "steps=30", "rounds=5", "rows=16"])
    #expect(!shown.contains("error:"))
    func measured(_ name: String) throws -> (k1: Double, prompts: [String]) {
      let subject = try #require(bench.session.models.first { $0.name == name })
      let found = try #require(subject.trainer.experience(of: subject.model))
      #expect(subject.trainer.state.step == 0 && subject.trainer.state.reward?.line == "reward model r")
      #expect(found.scores.count == 64 && found.scores.allSatisfy(\.isFinite))
      return (found.figures.first { $0.name == "k1" }?.value ?? .nan, found.answers.map(\.question))
    }
    let base = try measured("m")
    #expect(base.k1 == 0)
    for name in ["d", "p", "a"] {
      let found = try measured(name)
      #expect(found.prompts == base.prompts && found.k1.isFinite && found.k1 != 0)
    }
  }

  /// An encoder is the trunk of the reward model, and a policy learns from it; a small BERT and GPT stand in.
  @Test(arguments: ["reward-minilm.graft", "smollm2.graft"]) func anEncoderIsATrunk(name: String) throws {
    let memory = MemoryFiles()
    try memory.write(name, text: Self.text(name))
    try TextBench.writeEncoder("trunk", memory)
    try TextBench.write("words", memory, context: 96)
    let bench = try TimeBench(files: memory)
    let isPolicy = name == "smollm2.graft"
    let values = isPolicy ? ["base=words", "trunk=trunk", "updates=3", "rounds=3"] : ["base=trunk"]
    for value in values + ["source=letters", "steps=20"] { try bench.session.give(value) }
    #expect(try !bench.run("run \(name)").contains("error:"))
    let r = try #require(bench.session.models.first { $0.name == "r" })
    #expect(r.trainer.state.step == 20 && r.lastEvaluation != nil)
    if isPolicy { #expect(bench.session.models.first { $0.name == "m" }?.trainer.state.step == 3) }
  }

  /// The Constitutional loop on a model that knows nothing: what is checked is the way, not what is said.
  @Test func constitutionalRuns() throws {
    let (bench, shown) = try run(
      "constitutional.graft",
      ["base=words", "file=rows.jsonl", "n=12", "tokens=8", "steps=3", "ctx=64"])
    #expect(!shown.contains("error:") && shown.contains("revisions: 12 texts by m"))
    let subject = try bench.session.current(), rows = try #require(subject.source as? PairBatches)
    #expect(subject.trainer.state.step == 3 && subject.trainer.state.objective is DPO)
    #expect(rows.training.count + rows.heldOut.count > 4 && subject.model.attachments.count == 2)
    #expect(subject.lastEvaluation != nil)
  }

  /// SmolLM2 and MiniLM read tweets; a small GPT and a small BERT stand in for them, made-up sentences for the tweets.
  @Test(arguments: ["smollm2-tweets.graft", "minilm-tweets.graft"]) func tweetsAreRead(name: String) throws {
    try TextBench.withTweets { places in
      let bench = try TextBench.bench(context: 96, places: places)
      try bench.session.surroundings.files.write(
        name, text: Self.text(name))
      try TextBench.writeEncoder("trunk", bench.session.surroundings.files)
      let isEncoder = name == "minilm-tweets.graft"
      let values = isEncoder ? ["base=trunk", "steps=60"] : ["base=words", "method=qlora", "steps=60"]
      for value in values { try bench.session.give(value) }
      let shown = try bench.run("run \(name)")
      #expect(!shown.contains("error:"))
      if isEncoder {
        for method in ["head", "ptuning2 n=8", "lora r=8"] { #expect(shown.contains(method)) }
      } else {
        let subject = try bench.session.current()
        #expect(subject.trainer.state.step == 60 && subject.lastEvaluation?.classification?.truth.count == 28)
        #expect(shown.contains("into nf4: 3,072 numbers"))
      }
    }
  }

  /// The ViT's scales and shifts learn, and fold away without changing an answer.
  @Test func aVisionTransformerIsStretchedAndFolded() throws {
    try PictureDataTests.withDigits(400) { bench in
      try bench.session.surroundings.files.write(
        "vit-ssf.graft",
        text: Self.text("vit-ssf.graft"))
      var form = ViT.Form()
      (form.size, form.patch, form.width, form.heads, form.layers) = (28, 7, 16, 2, 1)
      try BaseFolder.write(
        ViT.model(form, chance: Chance(seed: 3)), to: "eye", files: bench.session.surroundings.files)
      for value in ["base=eye", "source=digits", "size=14", "steps=200"] { try bench.session.give(value) }
      let shown = try bench.run("run vit-ssf.graft")
      #expect(!shown.contains("error:") && shown.contains("float32 rounding"))
      let subject = try bench.session.current()
      let last = try #require(subject.lastEvaluation)
      #expect(subject.trainer.state.step == 200 && last.accuracy > 0.3)
      #expect(shown.contains(try Regex(#"accuracy (0\.\d+) \(was \1\)"#)))
    }
  }
}
