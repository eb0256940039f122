import Engine
import Options
import Testing

@testable import Notebook

/// Undo, redo, goto and branches: every entry's hash comes back, whatever way one goes.
@Suite struct UndoTests {
  /// Runs lines and gives the hash after each, the empty session's first.
  private func walk(_ bench: TimeBench, _ lines: [String]) throws -> [String] {
    try [bench.hash]
      + lines.map {
        try bench.run($0)
        return bench.hash
      }
  }

  private static let course = [
    "let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8", "attach lora r=2", "step 3",
    "lr 1e-2",
    "step 2", "merge", "unmerge", "attach bitfit as=nudge", "step 2", "detach lora", "step 1",
    "let x = loss()",
    "optimizer sgd momentum=0.9", "step 2", "step -3", "freeze *.bias", "thaw norm.weight", "attach full",
    "step 2",
    "detach full", "merge_fails", "reset", "train 3 lr=1e-3", "eval", "let w = blocks.0.attn.qkv[0,:]",
    "let m2 = gpt layers=1 dim=8 heads=1 ctx=8 vocab=30", "use m", "step 2 @m", "task +3 @m2 rows=2 length=4",
    "step 2 @m2",
    "train 2 @m2 lr=1e-2",
  ]

  @Test(arguments: [64 << 20, 20_000, 0]) func everyEntryComesBack(undoMemory: Int) throws {
    let bench = try TimeBench(undoMemory: undoMemory)
    var hashes = [bench.hash], texts: [String] = []
    for line in Self.course where line != "merge_fails" {
      try bench.run(line)
      hashes.append(bench.hash)
      texts.append(bench.session.timeline.path.last?.text ?? "")
    }
    #expect(bench.session.timeline.entries.count == hashes.count)
    for id in hashes.indices.reversed() {
      #expect(bench.hash == hashes[id], "entry \(id): \(id > 0 ? texts[id - 1] : "")")
      if id > 0 { try bench.run("undo") }
    }
    for id in hashes.indices.dropFirst() {
      try bench.run("redo")
      #expect(bench.hash == hashes[id], "redo of entry \(id): \(texts[id - 1])")
    }
    for id in [7, 20, 3, hashes.count - 1, 0, 16] {
      try bench.run("goto \(id)")
      #expect(bench.hash == hashes[id])
    }
  }

  @Test func aTreeKeepsAllItsBranches() throws {
    let bench = try TimeBench.small("attach lora r=2", "step 3")
    try bench.run("branch start")
    let start = bench.hash
    try bench.run("step 2")
    let one = bench.hash
    try bench.run("branch one")
    try bench.run("goto start")
    #expect(bench.hash == start)
    try bench.run("lr 1e-1")
    try bench.run("step 2")
    let other = bench.hash
    #expect(other != one)
    try bench.run("goto one")
    #expect(bench.hash == one)
    try bench.run("undo")
    try bench.run("redo")
    #expect(bench.hash == one, "redo goes back to the child last left, not to the newest")
    try bench.run("goto start")
    try bench.run("goto 7")
    #expect(bench.hash == other)
    try bench.run("undo 2")
    #expect(bench.hash == start)
    try bench.run("redo 2")
    #expect(bench.hash == other)
    #expect(try bench.failure("goto on").cure == "Did you mean “one”?")
    #expect(try bench.failure("goto 99").what.contains("entries 0 to 7"))
    #expect(bench.hash == other)
  }

  @Test func aCellIsUndoneAsAWhole() throws {
    let bench = try TimeBench.small("attach lora r=2"), start = bench.hash
    try bench.run("repeat 3 { step 2; lr 1e-2; lr 3e-3 }")
    let end = bench.hash
    #expect(bench.session.timeline.path.count == 3 + 9)
    try bench.run("undo")
    #expect(bench.hash == start)
    try bench.run("redo")
    #expect(bench.hash == end)
    try bench.run("goto 5")
    try bench.run("undo")
    #expect(bench.hash == start)
  }

  @Test func whatFailsLeavesNoTrace() throws {
    let bench = try TimeBench.small("attach lora r=2", "step 2"), start = bench.hash
    for line in [
      "attach lora r=4", "attach nothing", "detach prompt", "lr -1", "step 0", "merge bitfit", "task +99",
      "undo 9", "redo",
      "goto nowhere", "unmerge", "let lr = 3", "step 1 2", "optimizer adam",
    ] {
      _ = try bench.failure(line)
      #expect(bench.hash == start && bench.session.timeline.head == 4, "\(line)")
    }
    // What came before the failure in a cell stands.
    _ = try bench.failure("step 2; attach nothing; step 2")
    #expect(bench.session.timeline.path.last?.text == "step 2" && bench.losses.count == 4)
    try bench.run("undo")
    #expect(bench.hash == start)
  }

  @Test func undoOfTooManyChangesNothing() throws {
    let bench = try TimeBench.small("attach lora r=2"), hash = bench.hash
    let failure = try bench.failure("undo 4")
    #expect(failure.what == "there are 3 cells to undo, not 4." && failure.cure.hasPrefix("undo 3"))
    #expect(bench.hash == hash)
    try bench.run("undo 3")
    #expect(bench.session.timeline.head == 0)
    #expect(try bench.failure("redo 4").what == "there are 3 cells to redo, not 4.")
  }

  @Test func aSweepLeavesNoNameBehind() throws {
    for undoMemory in [64 << 20, 0] {
      let bench = try TimeBench.small(undoMemory: undoMemory), start = bench.hash
      try bench.run("sweep r = 1,2,4 { attach lora r=r alpha=(2*r); step 2; detach }")
      let texts = bench.session.timeline.path.dropFirst(2).map(\.text)
      #expect(
        texts == [1, 2, 4].flatMap { ["attach lora r=\($0) alpha=\(2 * $0)", "step 2", "detach"] })
      let end = bench.hash
      #expect(try bench.failure("norm(r)").what.contains("r"))
      try bench.run("undo")
      #expect(bench.hash == start)
      try bench.run("redo")
      #expect(bench.hash == end)
      try bench.run("goto 7")
      #expect(bench.session.boundNames.isEmpty)
    }
  }

  @Test func theTapeKeepsValuesNotFormulas() throws {
    let bench = try TimeBench.small(
      "let r = 2", "let name = \"r\"", "attach lora r=r as=name", "let t = \"name\"")
    #expect(
      bench.session.timeline.path.map(\.text).dropFirst(2) == [
        "let r = 2", "let name = \"r\"", "attach lora r=2 as=(\"r\")", "let t = \"name\"",
      ])
    try bench.run("let r = 3")
    try bench.run("1/3")
    try bench.run("lr %")
    try bench.run("let third = %")
    #expect(
      bench.session.timeline.path.suffix(2).map(\.text) == [
        "lr 0.3333333333333333", "let third = 0.3333333333333333",
      ])
    let hash = bench.hash
    let again = try TimeBench()
    for entry in bench.session.timeline.path { try again.run(entry.text) }
    #expect(again.hash == hash)
  }

  @Test func anotherModelsStepsAreItsOwn() throws {
    for undoMemory in [64 << 20, 0] {
      let bench = try TimeBench.small(undoMemory: undoMemory)
      try bench.run("let k = gpt layers=1 dim=8 heads=2 ctx=16")
      try bench.run("task +3 rows=2 length=6")
      try bench.run("use m")
      try bench.run("step 5 @k")
      let five = bench.hash
      #expect(bench.session.currentSubject?.name == "m")
      try bench.run("step 2")
      try bench.run("undo")
      #expect(bench.hash == five && bench.session.currentSubject?.name == "m")
      try bench.run("step -2")
      #expect(bench.session.currentSubject?.name == "m")
      #expect(try bench.session.subject("k").trainer.state.step == 3)
      try bench.run("step 2 @k")
      #expect(bench.hash == five)
    }
  }

  @Test func seedAndDropoutComeBack() throws {
    // Dropout's chance belongs to the model from the moment something is attached.
    let bench = try TimeBench.small("attach lora r=2 dropout=0.5", "step 2")
    bench.session.seed = 7
    try bench.run("attach bitfit")
    try bench.run("undo")
    bench.session.seed = 1
    try bench.run("step 2")
    let again = try TimeBench.small("attach lora r=2 dropout=0.5", "step 2", "step 2")
    #expect(bench.losses == again.losses)
  }

  @Test func aside() throws {
    let bench = try TimeBench.small("attach lora r=2", "step 1"), hash = bench.hash
    var lines: [String] = []
    bench.session.journal = { lines.append($0) }
    let count = bench.session.timeline.entries.count, bytes = bench.session.timeline.bytes
    try bench.session.aside {
      try bench.run("step 4")
      try bench.run("detach")
    }
    #expect(bench.hash == hash && lines.isEmpty)
    #expect(bench.session.timeline.entries.count == count && bench.session.timeline.bytes == bytes)
    let mark = bench.session.bookmark()
    try bench.run("step 2")
    try bench.session.go(to: mark)
    #expect(bench.hash == hash && lines == ["step 2", "goto 4"])
  }
}
