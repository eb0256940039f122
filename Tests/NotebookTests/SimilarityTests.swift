import Data
import FileSystem
import Networks
import Testing
import Training

@testable import Notebook

/// `embed`, and what goes by nearness of texts: a reward and a judge.
@Suite struct SimilarityTests {
  private func bench() throws -> TimeBench {
    let memory = try FileMemory([
      "pairs.csv": "prompt,chosen,rejected\n" + (0..<20).map { "the day,was good \($0),was sad\n" }.joined()
    ])
    try TextBench.write("words", memory.files)
    return try TimeBench(
      files: memory.files, "let e = open words", "let m = open words", "attach lora r=2",
      "data pairs pairs.csv split=50,0,50")
  }

  @Test func textsHaveCosines() throws {
    let bench = try bench(), start = bench.hash
    let text = try bench.run("embed \"the day was good\" \"the day was bad\" @e")
    #expect(text.contains("cosines of vectors of 16 numbers"))
    // A text beside itself: 1, or a rounding off it.
    #expect(text.contains(try Regex(#"bad +\S+ +1(\.00)?\n"#)))
    #expect(bench.hash == start)
    let value = try bench.session.value(of: "cos(embedding(\"good\"), embedding(\"good\", @e))").asNumber ?? 0
    #expect(abs(value - 1) < 1e-5)
    #expect(abs((try bench.session.value(of: "norm(embedding(\"a day\"))").asNumber ?? 0) - 1) < 1e-5)
    #expect(try bench.failure("embed \"\"").what.contains("empty"))
    // A text that is longer than the context loses its end.
    try bench.run("embed \"\(String(repeating: "the day ", count: 200))\" \"a\"")
    try bench.run("let v = vit size=8 patch=4 dim=16 layers=1 heads=2 classes=2")
    #expect(try bench.failure("embed \"a\"").cure.contains("minilm"))
  }

  @Test func itIsARewardAndAJudge() throws {
    let bench = try bench()
    let line = "similarity e toward=\"the day was good 1\" away=\"the day was sad\""
    try bench.run("judge \(line) sharpness=20")
    func value(_ name: String) throws -> Double { try bench.session.value(of: name).asNumber ?? .nan }
    #expect(try value("agreement()") == 1 && value("consistent()") == 1 && value("figure(\"kappa\")") == 1)
    try bench.run("judge similarity e toward=\"the day was sad\" away=\"the day was good 1\" sharpness=20")
    #expect(try value("agreement()") == 0 && value("figure(\"kappa\")") < -0.5)
    try bench.run("judge \(line) sharpness=1 bias=100")
    #expect(try value("first()") == 1 && value("consistent()") == 0)
    try bench.run("judge \(line) label=soft sharpness=20")
    let source = try #require(bench.session.current().source as? PairBatches)
    #expect(source.training.allSatisfy { (0.5..<1).contains($0.preference.agreement) })
    try bench.run("reward \(line)")
    #expect(try bench.run("reward").contains("reward \(line)"))
    try bench.run("trainer rloo tokens=3")
    try bench.run("step 2")
    try bench.run("save work")
    let again = try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
    try again.run("load work")
    #expect(again.hash == bench.hash)
    #expect(again.session.currentSubject?.source?.identity == bench.session.currentSubject?.source?.identity)
    for one in [bench, again] { try one.run("step") }
    #expect(again.hash == bench.hash)
    #expect(try bench.failure("judge similarity x").cure.contains("e") == true)
    #expect(try bench.failure("judge similarity e toward=a away=a").what.contains("the same"))
    #expect(try bench.failure("judge asks e chat").what.contains("no chat template"))
  }
}
