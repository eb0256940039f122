import Data
import FileSystem
import Options
import Testing
import Training

@testable import Notebook

/// Answers, critiques and revisions as data, made again by the seed.
@Suite struct ConstitutionTests {
  private func bench() throws -> TimeBench {
    let memory = try FileMemory([
      "rules.txt": "# mine\nBe good.\n\nBe fine.\n", "questions.txt": "the day\nthe song\n",
      "none.txt": "# no\n",
      "mine.jsonl": "{}\n",
    ])
    try TextBench.write("words", memory.files, context: 96)
    return try TimeBench(files: memory.files, "let m = open words", "attach lora r=2")
  }

  private func file(_ bench: TimeBench, _ name: String) throws -> String {
    try bench.session.surroundings.files.text(of: bench.session.path(name))
  }

  @Test func theRowsAreDataOfBothStages() throws {
    let bench = try bench(), start = bench.hash
    let text = try bench.run(
      "constitution n=6 tokens=8 principles=rules.txt prompts=questions.txt temperature=1 save=rows.jsonl")
    for word in [
      "answer", "principle", "critique", "revision", "data chat rows.jsonl", "data pairs rows.jsonl",
    ] {
      #expect(text.contains(word), "\(word): \(text)")
    }
    #expect(bench.hash == start, "making rows changes nothing of the session")
    let rows = try TextTable(text: file(bench, "rows.jsonl"), format: .jsonl, name: "rows")
    #expect(try Set(rows.column("principle")).isSubset(of: ["Be good.", "Be fine."]))
    #expect(
      try rows.column("prompt").allSatisfy { $0.hasPrefix("User: the ") && $0.hasSuffix("\nAssistant:") })
    #expect(try rows.column("completion") == rows.column("chosen"))
    #expect(try zip(rows.column("chosen"), rows.column("rejected")).allSatisfy { $0 != $1 })
    try bench.run("data chat rows.jsonl split=80,0,20 ctx=48 rows=4")
    try bench.run("step 3")
    try bench.run("data pairs rows.jsonl split=80,0,20 ctx=48 rows=4")
    #expect(try bench.session.current().trainer.state.objective is DPO)
    try bench.run("step 2")
    let end = bench.hash
    try bench.run("undo 5")
    #expect(bench.hash == start)
    try bench.run("redo 5")
    #expect(bench.hash == end)
  }

  @Test func theSeedMakesThemAgain() throws {
    func rows(_ options: String) throws -> String {
      let bench = try bench()
      try bench.run("constitution n=6 tokens=8 temperature=1 \(options) save=rows.jsonl")
      return try file(bench, "rows.jsonl")
    }
    let once = try rows("seed=3")
    #expect(try rows("seed=3") == once && rows("seed=4") != once)
  }

  @Test func anotherModelRevises() throws {
    let bench = try bench()
    try bench.run("let s = open words")
    #expect(
      try bench.run("constitution n=2 tokens=4 temperature=1 by=s @m").contains("revisions: 2 texts by s"))
  }

  @Test func whatIsWrongIsNamed() throws {
    let bench = try bench()
    #expect(try bench.failure("constitution principles=none.txt").what.contains("no principle"))
    #expect(try bench.failure("constitution prompts=none.txt").what.contains("no question"))
    #expect(try bench.failure("constitution save=rows.csv").cure.contains(".jsonl"))
    #expect(try bench.failure("constitution save=mine.jsonl").what.contains("did not write it"))
    #expect(try bench.failure("constitution by=x").what.contains("x"))
    try bench.run("let c = gpt layers=1 dim=8 heads=2 ctx=16 classes=2")
    #expect(try bench.failure("constitution").what.contains("classes"))
  }

  @Test func principlesAreDrawnEvenly() {
    let usual = Constitution.usual
    let drawn = (0..<600).map { usual.principle(seed: 1, number: $0) }
    for principle in usual.principles { #expect(drawn.filter { $0 == principle }.count > 60) }
  }
}
