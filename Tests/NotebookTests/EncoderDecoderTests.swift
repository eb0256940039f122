import Data
import Engine
import Events
import FileSystem
import Networks
import Options
import TestSupport
import Testing
import Training

@testable import Notebook

/// A model that reads a text and writes an answer, in the notebook from end to end.
@Suite struct EncoderDecoderTests {
  private static let small = ["let t = t5 dim=32 heads=4 layers=2 inner=64", "task +2 rows=16 length=8"]

  private func bench(_ lines: [String] = small, _ files: any Files = .memory) throws -> TimeBench {
    let bench = try TimeBench(files: files)
    for line in lines { try bench.run(line) }
    return bench
  }

  private func number(_ bench: TimeBench, _ formula: String) throws -> Double {
    try #require(bench.session.value(of: formula).asNumber)
  }

  /// It learns a skill from nothing in seconds, writes it, and every step can be taken back.
  @Test func learnsAToyTaskAndGoesBack() throws {
    let bench = try bench()
    try bench.run("lr 1e-2")
    let start = bench.session.hash(), fresh = try number(bench, "loss()")
    #expect(fresh > 2.5)
    try bench.run("step 120")
    let trained = bench.session.hash(), loss = try number(bench, "loss()")
    #expect(loss < 0.1, "it learns: \(fresh) → \(loss)")
    #expect(try bench.run("gen \"egik\" n=4").contains("“moqs”"))
    try bench.run("top \"egik\"")
    try bench.run("step -120")
    #expect(bench.session.hash() == start)
    try bench.run("step 120")
    #expect(bench.session.hash() == trained)
    try bench.run("undo; redo")
    #expect(bench.session.hash() == trained)
  }

  /// Half-steps are whole steps, and gradients are differences.
  @Test func halfStepsAndGradients() throws {
    let bench = try bench()
    try bench.run("attach lora r=2; step 2")
    let place = "decoder.blocks.0.cross.q.lora.B[0,0..1]"
    #expect(try number(bench, "max(abs(fd(\(place)) - grad(\(place))))") < 1e-3)
    try bench.run("forward; backward; update")
    let other = try self.bench()
    try other.run("attach lora r=2; step 3")
    #expect(bench.session.hash() == other.session.hash())
  }

  @Test func everyViewHolds() throws {
    let bench = try bench()
    try bench.run("attach lora r=2; attach prefix n=2; step 3")
    let views = [
      "show shapes", "show shapes wide all", "show params", "show attachments", "show delta", "show data",
      "show act encoder.blocks.0.mlp.up", "show attn", "show attn encoder.blocks.1.attn head=1 row=2",
      "show attn decoder.blocks.0.attn", "show attn decoder.blocks.1.cross row=1", "show batch row=3",
      "show loss", "show grad", "show flow", "show memory", "profile runs=1", "show prefix", "status",
      "trace", "eval",
      "eval base", "loss()", "acc()", "logits()", "saved()", "mass(decoder.blocks.0.cross)",
      "mass(encoder.blocks.0.attn)", "mass(decoder.blocks.1.attn)", "?choose", "?t5",
      "?decoder.blocks.0.cross.q",
      "diff base", "hook decoder.blocks.0.cross zero", "act(embed)", "save work", "load work", "eval",
      "top \"egik\"", "gen \"egik\" n=3", "gen \"egik\" n=3 base", "detach prefix",
      "gen \"egik\" n=3 with=lora,base",
    ]
    for view in views {
      try bench.run(view)
      for row in PlainText(Presentation(width: 80)).text(of: bench.events).split(separator: "\n") {
        #expect(columns(of: String(row)) <= 80, "\(view): \(row)")
      }
    }
    #expect(try number(bench, "mass(decoder.blocks.0.attn)") == 0)
  }

  /// Cross attention shows decoder tokens against encoder tokens.
  @Test func attentionIsLabelledByBothSides() throws {
    let bench = try bench()
    try bench.run("attach prompt n=2")
    let cross = try bench.run("show attn decoder.blocks.0.cross")
    #expect(cross.contains("start") && cross.contains("p0") && cross.contains("p1"))
    let own = try bench.run("show attn decoder.blocks.0.attn")
    #expect(own.contains("start") && !own.contains("p0"))
    let read = try bench.run("show attn encoder.blocks.0.attn")
    #expect(!read.contains("start") && read.contains("p0"))
  }

  /// Labels of a table are written by the decoder, and answers each its own.
  @Test func tablesGiveLabelsAndPairs() throws {
    func table(_ rows: [(String, String)]) -> [UInt8] {
      let lines: [String] = ["text,label"] + rows.map { "\($0.0),\($0.1)" }
      return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
    let letters: [String] = (0..<26).map { CharacterTokenizer.alphabet.decode([$0]) }
    var few: [(String, String)] = [], many: [(String, String)] = []
    for i in 0..<60 { few.append((letters[i % 26] + letters[i * 7 % 26], i % 2 == 0 ? "ab" : "cd")) }
    for i in 0..<90 {
      let (a, b): (String, String) = (letters[i % 26], letters[(i * 5 + i / 26) % 26])
      many.append((a + b, b + a + letters[i / 26]))
    }
    let files = try memory(["/few.csv": table(few), "/many.csv": table(many)])
    let bench = try bench(["let t = t5 dim=32 heads=4 layers=2 inner=64"], files)
    try bench.run("data csv /few.csv template=\"{text}{label}\" rows=8")
    let subject = try bench.session.current()
    #expect(subject.source is LabelledBatches)
    let batch = try subject.batch()
    #expect(batch.written?.ids.allSatisfy { $0.first == 0 && $0.count == 2 } == true)
    try bench.run("step 2; eval; show batch; show data")
    #expect(subject.lastEvaluation?.classification != nil)
    try bench.run("data csv /many.csv rows=8")
    let pairs = try #require(subject.source as? ExampleBatches)
    #expect(pairs.training.first?.answer?.count == 3)
    try bench.run("step 2; eval; show batch row=1; show data")
  }

  /// The tutorial's second line, digit for digit: the heads are untied, as the file says.
  @Test func theCountOfMT0IsPeftsLine() throws {
    let root = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))
    let looker = Looker(
      "open \"\(Path.join(root, "lessons/configs/mt0-large.json"))\" weights=none",
      "attach lora r=8 alpha=32 dropout=0.1")
    let line = "trainable params: 2359296 || all params: 1231940608 || trainable%: 0.19151053100118282"
    #expect(looker.text("params like=peft", width: 120).contains(line))
    #expect(looker.text("show shapes").contains("cross.q"))
    #expect(looker.failure("gen \"1 2 3\"").contains("no numbers"))
  }

  /// What cannot be is refused in words, and changes nothing.
  @Test func refusals() throws {
    let bench = try bench(), start = bench.session.hash()
    for line in [
      "t5 heads=5 dim=32", "t5 buckets=7", "t5 distance=3", "t5 gated=yes act=gelu", "attach bitfit",
      "attach pill", "task +2 pictures=yes", "attach lora on=attn.qkv", "attach prefix layers=7",
      "gen \"é\"", "data text /nowhere.txt",
    ] {
      #expect(try !bench.failure(line).what.isEmpty)
    }
    #expect(bench.session.hash() == start)
    // Data that were set for another kind of model.
    try bench.run("let g = gpt dim=16 heads=2 layers=1; task +2 rows=4 length=8")
    let other = try bench.session.current()
    let answers = try Batch([Example(reading: [1, 2], writing: [3])], pad: 0, start: 0)
    #expect(throws: Failure.self) { try Loss(other.model, answers, Pass()) }
  }
}
