import Data
import Engine
import Events
import FileSystem
import Options
import Testing
import Training

@testable import Notebook

/// Trainers in the notebook: half-steps, time, saved sessions, numbers by name, data of dialogues and pairs.
@Suite struct FeedbackTests {
  static let practices = [
    "ppo", "ppo target=1 horizon=40 whiten-rewards=yes", "grpo epochs=2 beta=0.1", "rloo", "best",
  ]

  private func bench(_ trainer: String, undoMemory: Int = 64 << 20) throws -> TimeBench {
    try TimeBench.small(
      undoMemory: undoMemory, "attach lora r=2", "lr 1e-2", "reward letters aeiou trap=z",
      "trainer \(trainer) tokens=4 samples=2")
  }

  /// Rollout, score, advantages, update are a step, bit for bit, wherever one begins.
  @Test(arguments: practices) func halfStepsAreAStep(trainer: String) throws {
    let whole = try bench(trainer), halves = try bench(trainer), late = try bench(trainer)
    let start = halves.hash
    for _ in 0..<2 {
      try whole.run("step")
      for line in ["rollout", "score", "advantages", "update"] { try halves.run(line) }
      for line in ["score", "forward", "backward", "update"] { try late.run(line) }
    }
    #expect(whole.hash == halves.hash && whole.hash == late.hash && whole.hash != start)
    try halves.run("undo 8")
    #expect(halves.hash == start)
    try halves.run("redo 8")
    #expect(halves.hash == whole.hash)
    #expect(try halves.failure("update").what.contains("gradients"))
    try halves.run("rollout")
    #expect(try halves.failure("update").cure.contains("score"))
  }

  /// States that were thinned out are made again, bit for bit.
  @Test(arguments: practices + ["dpo"]) func stepsAreReplayed(trainer: String) throws {
    func run(_ memory: Int) throws -> [String] {
      let bench = trainer == "dpo" ? try pairs(undoMemory: memory) : try bench(trainer, undoMemory: memory)
      var hashes: [String] = []
      for line in [
        "step 4", "rollout", "score", "step 2", "step -3", "step", "undo 2", "redo", "goto 2", "goto 6",
      ] {
        if trainer == "dpo", ["rollout", "score"].contains(line) { continue }
        try bench.run(line)
        hashes.append(bench.hash)
      }
      return hashes
    }
    let kept = try run(64 << 20), thinned = try run(0)
    #expect(kept == thinned && Set(kept).count > 3)
  }

  @Test(arguments: practices) func aSavedSessionGoesOnTheSame(trainer: String) throws {
    let bench = try bench(trainer)
    for line in ["step 3", "rollout", "score", "save work"] { try bench.run(line) }
    let again = try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
    let text = try again.run("load work")
    #expect(text.contains("as when it was saved") && again.hash == bench.hash, "\(text)")
    let (a, b) = (try bench.session.current().trainer.state, try again.session.current().trainer.state)
    #expect(a.figures.names == b.figures.names && a.figures.values(of: "kl") == b.figures.values(of: "kl"))
    for one in [bench, again] { try one.run("step 2") }
    #expect(again.hash == bench.hash && again.losses == bench.losses)
    for one in [bench, again] { try one.run("step -4") }
    #expect(again.hash == bench.hash)
  }

  @Test func numbersHaveNames() throws {
    let bench = try bench("ppo")
    #expect(
      try bench.session.value(of: "k3()").asNumber?.isNaN == true, "there is none before the first step")
    try bench.run("watch kl k3() entropy()")
    try bench.run("step 12")
    for name in [
      "reward()", "truth()", "kl", "k1", "k2", "k3", "entropy", "coefficient", "objective", "ratio",
      "clipped", "explained", "length()",
    ] {
      #expect(try bench.session.value(of: name).asNumber?.isFinite == true, "\(name)")
    }
    #expect(try bench.session.value(of: "k3 >= 0 and k1 == kl").asNumber == 1)
    #expect(try bench.run("plot reward kl").contains("kl"))
    #expect(try bench.run("show answers").contains("advantage"))
    #expect(try bench.failure("figure(\"rewrd\")").cure.contains("reward"))
    #expect(try bench.run("trainer").contains("ppo prompt=0"))
    #expect(try bench.failure("trainer pop").cure.contains("ppo"))
    #expect(try bench.failure("reward leters").cure.contains("letters"))
  }

  // MARK: Data

  static let talks = (0..<20).map {
    "{\"messages\": [{\"role\": \"user\", \"content\": \"day \($0 % 4)\"}, {\"role\": \"assistant\", \"content\": \"was good\"}]}"
  }.joined(separator: "\n")

  private func pairs(undoMemory: Int = 64 << 20, classes: Bool = false) throws -> TimeBench {
    let rows = (0..<40).map { i in
      let good = TextBench.sentence(i).text
      return "the day,\(good),the song was \(["sad", "awful", "bad"][i % 3]),\([0.6, 0.9][i % 2]),1\n"
    }
    let memory = try FileMemory(["pairs.csv": "prompt,chosen,rejected,agreement,margin\n" + rows.joined()])
    try TextBench.write("words", memory.files)
    let bench = try TimeBench(
      undoMemory: undoMemory, files: memory.files, "let m = open words", "attach lora r=2")
    try bench.run("data pairs pairs.csv split=70,0,30 rows=4")
    return bench
  }

  @Test func dialoguesAreData() throws {
    for packing in ["no", "yes"] {
      let bench = try TextBench.bench(["talks.jsonl": Self.talks])
      let text = try bench.run("data chat talks.jsonl split=80,0,20 rows=4 ctx=48 packing=\(packing)")
      #expect(text.contains("carry loss") && text.contains("show mask"))
      let mask = try bench.run("show mask")
      #expect(mask.contains("⟦") && mask.contains("carry loss"))
      if packing == "yes" { #expect(mask.contains("‖")) }
      let counted = try bench.session.current().batch().counted
      #expect(try bench.session.value(of: "sum(mask())").asNumber == Double(counted))
      try bench.run("attach lora")
      try bench.run("step 5")
      #expect(bench.losses[4] < bench.losses[0])
      try bench.run("eval")
    }
    let bench = try TextBench.bench(["talks.jsonl": Self.talks])
    #expect(try bench.failure("data chat talks.jsonl ctx=4").what.contains("no row of talks.jsonl"))
    #expect(try bench.failure("data chat talks.jsonl form=chatm").cure.contains("chatml"))
    #expect(try bench.failure("data chat talks.jsonl form=own").what.contains("without a chat template"))
    #expect(
      try bench.run("data chat talks.jsonl form=chatml ctx=48 loss=full").contains("no token for <|im_end|>"))
  }

  @Test func pairsAreData() throws {
    let bench = try pairs()
    #expect(try bench.run("trainer").contains("dpo beta=0.1"))
    let before = try bench.session.value(of: "loss()").asNumber ?? 0
    #expect(abs(before - 0.6931) < 1e-3)
    try bench.run("step 20")
    let text = try bench.run("eval")
    #expect(
      text.contains("right order") && text.contains("raters who agree") && text.contains("calibration error"))
    #expect(try bench.session.value(of: "margin").asNumber ?? 0 > 0)
    try bench.run("trainer ppo tokens=3")
    #expect(try bench.failure("step").cure.contains("reward"))
    try bench.run("reward words good,happy against=sad")
    try bench.run("step 2")
    try bench.run("reward lexicon")
    try bench.run("step")
  }

  /// A policy learns from another model's scores; both go back in time together.
  @Test func aModelIsAReward() throws {
    let bench = try pairs()
    try bench.run("let r = open words classes=1")
    try bench.run("attach lora")
    try bench.run("data pairs pairs.csv split=70,0,30 rows=4")
    #expect(try bench.run("trainer").contains("reward center"))
    try bench.run("step 10")
    try bench.run("use m")
    try bench.run("trainer rloo tokens=3 samples=2")
    try bench.run("reward model r")
    let start = bench.hash
    try bench.run("step 2")
    let end = bench.hash
    try bench.run("undo")
    #expect(bench.hash == start)
    try bench.run("redo")
    #expect(bench.hash == end)
    #expect(try bench.failure("reward model m").cure.contains("classes=1"))
  }
}

/// Files in memory.
struct FileMemory {
  let files = MemoryFiles()
  init(_ texts: [String: String]) throws { for (name, text) in texts { try files.write(name, text: text) } }
}

/// Judges: what their figures say, and what labels they give.
@Suite struct JudgeTests {
  private func bench() throws -> TimeBench {
    try TimeBench("let m = gpt base=alphabet", "attach lora", "data pairs letters")
  }

  @Test func aRuleIsWhatPeopleGoBy() throws {
    let bench = try bench()
    try bench.run("judge letters aeiou")
    func value(_ name: String) throws -> Double { try bench.session.value(of: name).asNumber ?? .nan }
    #expect(try value("agreement()") > 0.82 && value("consistent()") > 0.85)
    let raters = try value("figure(\"raters\")")
    #expect(raters > 0.6 && raters < 0.95)
    // A judge that leans to the first is right where it says the same in both orders.
    try bench.run("judge letters aeiou bias=4")
    #expect(try value("first()") > 0.75 && value("consistent()") < 0.6)
    #expect(try value("agreement()") < value("swapped()") && value("steady()") > 0.9)
    #expect(try value("figure(\"kappa\")") < 0.6)
  }

  @Test func labelsAreTheJudgesAndGoWithTheSession() throws {
    let bench = try bench()
    try bench.run("judge letters xyz label=soft")
    let subject = try bench.session.current()
    let source = try #require(subject.source as? PairBatches)
    #expect(source.name == "letter pairs, judged" && source.training.count == 800)
    #expect(source.heldOut == LetterPairs.pairs(1000, liked: Set("aeiou"), seed: 5).suffix(200))
    #expect(source.training.allSatisfy { (0.5...1).contains($0.preference.agreement) })
    try bench.run("judge letters aeiou label=consistent bias=2")
    #expect((subject.source as? PairBatches)?.training.count ?? 0 < 800)
    try bench.run("step 2")
    try bench.run("save work")
    let again = try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
    try again.run("load work")
    #expect(again.hash == bench.hash)
    let (a, b) = (try again.session.value(of: "first()"), try bench.session.value(of: "first()"))
    #expect(abs((a.asNumber ?? 0) - (b.asNumber ?? 1)) < 1e-6)
    try bench.run("undo 3")
    #expect(subject.source?.name == "letter pairs")
    #expect(try bench.failure("judge leters aeiou").cure.contains("letters"))
    try bench.run("task +2")
    #expect(try bench.failure("judge letters aeiou").what.contains("no pairs"))
  }

  /// κ by hand: 40 pairs, the judge and people agree on 30.
  @Test func kappa() {
    let first = (0..<40).map { $0 < 20 }
    let right = (0..<40).map { $0 % 4 != 0 }
    let p = right.map { $0 ? 0.9 : 0.1 }
    let found = Judgement(isChosenFirst: first, shownFirst: p, shownSecond: p, agreement: p)
    #expect(abs(found.kappa - 0.5) < 1e-9)
    #expect(found.figures.first { $0.name == "agreement" }?.value == 0.75)
    #expect(found.figures.first { $0.name == "consistent" }?.value == 1)
    #expect(found.figures.first { $0.name == "first" }?.value == 0.5)
  }

  @Test func aModelJudges() throws {
    let memory = try FileMemory([
      "pairs.csv": "prompt,chosen,rejected\n" + (0..<20).map { "the day,was good \($0),was sad\n" }.joined()
    ])
    try TextBench.write("words", memory.files)
    let bench = try TimeBench(files: memory.files, "let m = open words", "data pairs pairs.csv split=50,0,50")
    for line in ["judge asks m labels=\" good\",\" bad\"", "judge compares m", "judge asks m bias=100"] {
      try bench.run(line)
      #expect(try bench.session.value(of: "agreement()").asNumber?.isFinite == true)
    }
    #expect(try bench.session.value(of: "first()").asNumber == 1)
    #expect(try bench.failure("judge asks m labels=a").cure.contains("labels="))
    #expect(try bench.failure("judge asks m template=x").what.contains("{text}"))
    #expect(try bench.failure("judge compares m labels=a,a").what.contains("same tokens"))
    try bench.run("attach lora")
    try bench.run("reward asks m labels=\" good\",\" bad\"")
    try bench.run("trainer rloo tokens=3")
    try bench.run("step")
    try bench.run("save work")
    let again = try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
    try again.run("load work")
    #expect(again.hash == bench.hash)
  }
}
