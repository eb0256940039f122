import Engine
import Events
import Testing
import TestSupport

@testable import Notebook

/// `profile`, and a step in less memory.
@Suite struct ProfileTests {
  private func seconds(_ cell: Datum) -> Double { if case .seconds(let s) = cell { s } else { 0 } }
  private func count(_ cell: Datum) -> Int {
    switch cell {
    case .count(let n), .bytes(let n): n
    default: 0
    }
  }

  @Test func rowsAddUpToTheStepAndNothingMoves() throws {
    let looker = Looker.lora()
    looker.run("step 2")
    let hash = looker.session.hash(), entries = looker.session.timeline.entries.count
    let events = looker.run("profile runs=3 top=100")
    #expect(looker.session.hash() == hash && looker.session.timeline.entries.count == entries)
    guard case .facts(let facts) = try #require(events.first) else { return #expect(Bool(false)) }
    let whole = seconds(facts.facts[0].value)
    let table = looker.table("profile runs=3 top=100")
    #expect(table.rows.map { $0[1].asWords }.contains("update"))
    for case .table(let table) in events {
      let sum = table.column("time").reduce(0) { $0 + seconds($1) }
      #expect(abs(sum - whole) < 0.02 * whole + 4e-5, "\(sum) of \(whole)")
    }
    // Four linear layers a block, the last one's three frozen below it have no way back to go.
    let linear = table.rows.filter { $0[0] == .words("linear") }
    #expect(
      linear.map { count($0[2]) } == [8, 8] && Set(linear.map { $0[1].asWords }) == ["forward", "back"])
  }

  @Test func anInterruptShowsWhatThereIs() throws {
    let looker = Looker.lora(), subject = try looker.session.current(), interrupt = Interrupt()
    interrupt.raise()
    #expect(try StepProfile(subject, runs: 10_000, interrupt: interrupt).runs == 1)
    interrupt.raise()
    #expect(throws: (any Error).self) { try StepProfile(subject, runs: 10_000, interrupt: interrupt) }
  }

  @Test func bySiteAndByBlock() {
    let looker = Looker.lora()
    let sites = looker.table("profile by=site runs=1 top=100")
    #expect(sites.column("site").contains(.words("blocks.*.attn.qkv")))
    #expect(count(sites.cell("blocks.*.mlp.up", "calls")) == 2)
    let blocks = looker.table("profile by=block runs=1 top=100").column("block").map(\.asWords)
    #expect(blocks.contains("blocks.0") && blocks.contains("blocks.1") && blocks.contains("head"))
    let one = looker.table("profile blocks.1.mlp by=site runs=1").column("site").map(\.asWords)
    #expect(!one.isEmpty && one.allSatisfy { $0.hasPrefix("blocks.1.mlp") })
  }

  @Test func operationsAreCountedByHand() throws {
    let looker = Looker("gpt layers=2 dim=16 heads=2 ctx=16", "task +2 rows=4", "attach full")
    let tokens = 4 * 16, pairs = 4 * 2 * 16 * 17 / 2  // rows, heads, keys that queries see
    // 15 of 16 letters are targets.
    let weights = 16 * 48 + 16 * 16 + 16 * 64 + 64 * 16, head = 2 * 60 * 16 * 26
    let there = 2 * (2 * tokens * weights + 4 * 8 * pairs)
    // The head does its own way back at once; the first block's qkv asks for its input too, since embeddings train.
    #expect(try looker.number("flops(\"forward\")") == Double(there + 3 * head))
    #expect(try looker.number("flops(\"back\")") == Double(2 * (4 * tokens * weights + 10 * 8 * pairs)))
    #expect(try looker.number("flops()") == looker.number("flops(\"forward\") + flops(\"back\")"))
    let kept = try looker.number("kept()")
    #expect(count(looker.table("show memory").cell("activations", "now")) == Int(kept))
    #expect(looker.failure("flops(\"agin\")").contains("again"))
  }

  @Test func whatCannotBeMeasuredSaysWhy() {
    let looker = Looker("gpt layers=1 dim=8 heads=2 ctx=16")
    #expect(looker.failure("profile").contains("task"))
    looker.run("task +2 rows=2; attach lora")
    #expect(looker.failure("profile nowhere").contains("no place"))
    #expect(looker.failure("profile runs=-1").contains("runs"))
    #expect(looker.failure("profile by=colour").contains("op"))
  }

  @Test(arguments: ["lora", "prefix", "ptuning2", "full"]) func checkpointingTrainsTheSame(method: String)
    throws
  {
    func trained(_ line: String) throws -> (Looker, Double) {
      let looker = Looker("gpt layers=3 dim=16 heads=2 ctx=32", "task +2 rows=4", "attach \(method)")
      if !line.isEmpty { looker.run(line) }
      looker.run("step 5")
      return (looker, try looker.number("loss()"))
    }
    let plain = try trained(""), again = try trained("optimizer checkpointing=yes")
    #expect(abs(plain.1 - again.1) <= 1e-6)
    #expect(again.0.text("optimizer").contains("run again"))
    let phases = again.0.table("profile runs=1 top=100").column("when")
    #expect(phases.contains(.words("again")))
    let kept = [plain.0, again.0].map { count($0.table("show memory").cell("activations", "now")) }
    #expect(kept[1] < kept[0], "\(kept)")
  }

  @Test func checkpointingIsSavedAndUndone() throws {
    let bench = try TimeBench.small("attach lora", "optimizer checkpointing=yes", "step 2")
    let hash = bench.hash
    try bench.run("save work")
    try bench.run("load work")
    #expect(bench.hash == hash)
    #expect(try bench.session.current().trainer.state.isCheckpointing)
    try bench.run("reset")
    #expect(try bench.session.current().trainer.state.isCheckpointing, "it is no memory of steps")
    let undone = try TimeBench.small("attach lora", "optimizer checkpointing=yes", "undo")
    #expect(try !undone.session.current().trainer.state.isCheckpointing)
  }

  /// An option that nothing named could have is refused, and changes nothing.
  @Test(
    arguments: [
      ("optimizer chekpointing=yes", "no option “chekpointing” of optimizer"),
      ("optimizer momentum=0.9", "no option “momentum” of optimizer"),
      ("trainer beta=0.2", "no option “beta” of trainer"), ("show rows=3", "no option “rows” of show"),
    ])
  func optionsOfNothingAreRefused(_ line: String, _ words: String) {
    let looker = Looker.lora(), before = looker.text("optimizer")
    #expect(looker.text(line).contains(words))
    #expect(looker.text("optimizer") == before)
  }

  /// A hook for one command is gone when the way back would run the blocks again; the loss is then computed anew.
  @Test func whatChangesBetweenTheHalvesIsNoticed() {
    let plain = Looker.lora(), again = Looker.lora()
    again.run("optimizer checkpointing=yes")
    for line in ["hook blocks.0.mlp.down zero", "forward"] {
      plain.run(line)
      again.run(line)
    }
    let text = plain.text("backward")
    #expect(text == again.text("backward") && !text.contains("error"))
  }
}
