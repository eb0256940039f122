import Data
import Engine
import Events
import FileSystem
import Formats
import Networks
import Options
import Testing
import Training

@testable import Notebook

/// Models that answer once a row, or read pictures: nothing that is shown of them lies, and nothing ends the program.
@Suite struct ClassifierTests {
  /// What makes each, and what it is trained on.
  static let models = [
    ["let m = bert dim=16 heads=2 ctx=24 layers=2", "task +1,+2 rows=4 length=8"],
    ["let m = gpt dim=16 heads=2 ctx=24 layers=2 classes=2", "task +1,+2 rows=4 length=8"],
    ["let m = vit size=8 patch=4 channels=1 dim=16 heads=2 layers=2 classes=2"],
  ]

  private func bench(_ lines: [String]) throws -> TimeBench {
    let bench = try TimeBench(undoMemory: 64 << 20)
    for line in lines { try bench.run(line) }
    let subject = try bench.session.current()
    if case .pictures(let channels, let height, let width) = subject.model.network.reads {
      let values = Chance(seed: 2).normal([12, channels, height, width], deviation: 1, purpose: "pictures")
      let pictures = try Pictures(channels: channels, height: height, width: width, values.scalars)
      let set = PictureBatches.Set(pictures, choices: (0..<12).map { $0 % 2 })
      subject.source = try PictureBatches(
        "pictures", training: set, heldOut: set, labels: ["dark", "light"], rows: 4, seed: 1)
    }
    return bench
  }

  @Test(arguments: models) func everyViewHolds(lines: [String]) throws {
    let bench = try bench(lines)
    try bench.run("attach lora r=2 on=attn.q")
    try bench.run("step 3")
    let views = [
      "show shapes", "show shapes wide all", "show params", "show attachments", "show delta", "show data",
      "show act blocks.0.mlp.up", "show attn", "show attn blocks.1.attn head=1 row=2", "show batch row=3",
      "show loss", "show grad", "show flow", "show memory", "profile runs=1", "status", "trace", "eval",
      "eval base", "loss()",
      "acc()", "logits()", "saved()", "grad(head.weight)", "fd(head.weight[0,0..3])", "attn(blocks.0.attn)",
      "?choose", "?head", "diff base", "hook blocks.0.mlp.down zero", "act(input)", "save work", "load work",
    ]
    for view in views {
      try bench.run(view)
      for row in PlainText(Presentation(width: 80)).text(of: bench.events).split(separator: "\n") {
        #expect(columns(of: String(row)) <= 80, "\(view): \(row)")
      }
    }
  }

  @Test(arguments: models) func differencesAreItsGradients(lines: [String]) throws {
    let bench = try bench(lines)
    try bench.run("attach head; step 2")
    let formula = "max(abs(fd(head.weight[0,0..3]) - grad(head.weight[0,0..3])))"
    let found = try #require(try bench.session.value(of: formula).asNumber)
    #expect(found < 1e-3)
  }

  @Test func summariesSayWhatItIs() throws {
    let texts = try Self.models.map { try bench($0).session.current().summary }
    #expect(texts[0].hasPrefix("bert · 2 layers · 2 heads · dim 16 · ctx 24 · vocab 26 · 2 classes"))
    #expect(texts[1].hasPrefix("gpt · ") && texts[1].contains("2 classes"))
    #expect(texts[2].contains("vit · ") && texts[2].contains("pictures 1×8×8") && !texts[2].contains("ctx"))
  }

  /// What the base knows of skills is there in its states, but not along any line: a head alone finds nothing.
  @Test func aBaseLearnsToTellSkillsApart() throws {
    let bench = try TimeBench(
      "let m = gpt base=alphabet classes=2", "task +1,+2 rows=8 length=8", "attach head", "train 60")
    #expect(try #require(try bench.session.current().lastEvaluation).accuracy < 0.7)
    try bench.run("detach head; attach lora; train 60")
    let text = try bench.run("eval")
    let found = try #require(try bench.session.current().lastEvaluation)
    #expect(found.accuracy > 0.9, "\(text)")
    #expect(text.contains("+1") && text.contains("balanced"))
    #expect(try bench.run("top \"acegik\"").contains("+2"))
    #expect(try bench.failure("gen \"ab\"").what.contains("class"))
  }

  /// Labelled texts: the label is an answer, not a part of what is read.
  @Test func anEncoderLearnsLabelledTexts() throws {
    let letters = (0..<120).map { i in
      let word = (0..<3 + i % 5).map {
        "abcdefghijklmnopqrstuvwxyz".dropFirst((i * 7 + $0 * 5) % 13 + 13 * (i % 2)).prefix(1)
      }
      return word.joined() + "," + (i % 2 == 0 ? "low" : "high")
    }
    let files = MemoryFiles()
    try files.write("rows.csv", text: (["text,label"] + letters).joined(separator: "\n"))
    let bench = try TimeBench(files: files, "let b = bert dim=16 heads=2 ctx=24 layers=2")
    try bench.run(
      "data csv rows.csv template=\"{text}{label}\" rows=8 split=60,20,20; attach full; train 60 lr=5e-3")
    let text = try bench.run("eval split=validation")
    #expect(try #require(try bench.session.current().lastEvaluation).accuracy > 0.9, "\(text)")
    #expect(text.contains("high") && text.contains("24 rows"))
    #expect(try bench.failure("data text rows.csv").what.contains("classes"))
    #expect(try bench.run("compare head full steps=20").contains("full"))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let seer = try bench(Self.models[2]), reader = try bench(Self.models[0])
    for line in ["task +1", "top \"e\"", "gen \"e\"", "show act blocks.0.mlp.up text=\"e\""] {
      #expect(try !seer.failure(line).what.isEmpty)
    }
    #expect(try reader.failure("task +1,+2,+3").cure.contains("classes=3"))
    #expect(try reader.failure("gpt; attach head").what.contains("head"))
    #expect(try reader.failure("vit patch=5").what.contains("patch=5"))
    #expect(try reader.failure("bert heads=3").what.contains("heads=3"))
  }

  /// Pictures of another size, and a class that the model lacks: the step is refused in words.
  @Test func dataOfAnotherKindIsNamed() throws {
    let seer = try bench(Self.models[2]), reader = try bench(Self.models[0])
    let pictures = try Pictures(height: 4, width: 4, [Float](repeating: 0, count: 32))
    let set = PictureBatches.Set(pictures, choices: [0, 5])
    let source = try PictureBatches(
      "small", training: set, heldOut: set, labels: (0..<6).map(String.init), rows: 2, seed: 1)
    for bench in [seer, reader] {
      try bench.session.current().source = source
      #expect(try bench.failure("step").what.contains("pictures"))
    }
    let examples = [try Example(ids: [1, 2], labels: [-100, -100], choice: 7)]
    try reader.session.current().source = ExampleBatches(
      "odd", training: examples, heldOut: [], rows: 1, filler: 0, seed: 1)
    #expect(try reader.failure("step").cure.contains("classes=8"))
  }
}
