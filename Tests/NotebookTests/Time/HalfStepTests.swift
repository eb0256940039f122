import Data
import Engine
import Events
import Options
import Testing
import Training

@testable import Notebook

/// Steps in halves, steps that are interrupted, steps that fail.
@Suite struct HalfStepTests {
  @Test(arguments: [64 << 20, 0]) func halvesAreUndoneAndGoOn(undoMemory: Int) throws {
    let whole = try TimeBench.small("attach lora r=2", "step 3")
    let bench = try TimeBench.small(undoMemory: undoMemory, "attach lora r=2", "step 2")
    let start = bench.hash
    for line in ["forward", "undo", "forward", "backward", "undo", "redo", "undo 2", "redo", "backward"] {
      try bench.run(line)
      #expect(bench.hash == start, "a half-step moves nothing: \(line)")
    }
    try bench.run("update")
    #expect(bench.hash == whole.hash && bench.losses == whole.losses)
    try bench.run("undo")
    #expect(bench.hash == start)
    try bench.run("update")
    #expect(bench.hash == whole.hash, "the gradients are there again after undo")
    try bench.run("step -1")
    #expect(bench.hash == start)
    try bench.run("step")
    #expect(bench.hash == whole.hash)
  }

  @Test func theRateMayChangeBeforeTheUpdate() throws {
    let whole = try TimeBench.small("attach lora r=2", "lr 1e-2", "step 1")
    let bench = try TimeBench.small("attach lora r=2", "forward", "backward", "lr 1e-2", "update")
    #expect(bench.losses == whole.losses)
    let (a, b) = (try bench.session.current().model, try whole.session.current().model)
    for (x, y) in zip(a.parameters, b.parameters) { #expect(x.value.hash() == y.value.hash()) }
  }

  @Test func whatChangesTheLossEndsABegunStep() throws {
    for line in ["attach bitfit", "task +3 rows=4 length=8", "freeze lora", "detach", "merge"] {
      let bench = try TimeBench.small(
        "attach lora r=2", "thaw norm.weight", "step 1", "forward", "backward", line)
      let failure = try bench.failure("update")
      #expect(failure.what.contains("gradients"), "\(line): \(failure.what)")
      try bench.run("undo")
      try bench.run("redo")
      #expect(
        try bench.failure("update").what == failure.what, "\(line): the same after going back and forth")
    }
  }

  @Test func anInterruptedRunIsStoredAsWhatWasDone() throws {
    let bench = try TimeBench.small("attach lora r=2")
    var seen = 0
    let outer = bench.session.observer
    bench.session.observer = { event in
      if case .facts = event { seen += 1 }
      if seen == 5 { bench.session.interrupt.raise() }
      outer(event)
    }
    bench.session.watches = ["loss()"]
    try bench.run("step 60 @m")
    bench.session.watches = []
    #expect(bench.session.timeline.path.last?.text == "step 5 @m" && bench.losses.count == 5)
    let hash = bench.hash
    try bench.run("undo")
    #expect(bench.losses.isEmpty)
    let again = try TimeBench.small("attach lora r=2", "step 5")
    #expect(again.hash == hash)
    bench.session.interrupt.reset()
  }

  @Test func aSecondInterruptRollsTheStepBack() throws {
    let bench = try TimeBench.small("attach lora r=2", "step 2", "forward"), hash = bench.hash
    let outer = bench.session.observer
    bench.session.watches = ["loss()"]
    var seen = 0
    bench.session.observer = { event in
      outer(event)
      if case .facts = event {
        seen += 1
        if seen == 3 {
          bench.session.interrupt.raise()
          bench.session.interrupt.raise()
        }
      }
    }
    try bench.run("train 60 lr=1e-3 @m")
    #expect(bench.session.timeline.path.last?.text == "train 3 lr=0.001 @m")
    bench.session.observer = outer
    bench.session.watches = []
    try bench.run("undo")
    #expect(bench.hash == hash)
    try bench.run("backward")
    try bench.run("update")
    #expect(bench.losses.count == 3)
  }

  @Test func stepsBeforeAFailureStand() throws {
    let bench = try TimeBench.small("attach lora r=2", "lr 1e30 clip=0")
    let failure = try bench.failure("step 30")
    #expect(failure.what.contains("Nothing was changed"))
    let made = bench.losses.count
    #expect(made > 0 && made < 30 && bench.session.timeline.path.last?.text == "step \(made)")
    let hash = bench.hash
    try bench.run("undo")
    try bench.run("redo")
    #expect(bench.hash == hash)
    #expect(try bench.failure("step 5").what == failure.what)
    #expect(bench.hash == hash && bench.session.timeline.path.last?.text == "step \(made)")
  }

  /// Batches that do something when they are drawn.
  private final class Watched: BatchSource {
    let inner: any BatchSource
    var drawn: (Int) -> Void = { _ in }
    init(_ inner: any BatchSource) { self.inner = inner }
    var name: String { inner.name }
    func batch(_ step: Int) throws -> Batch {
      drawn(step)
      return try inner.batch(step)
    }
    func evaluation() throws -> [Batch] { try inner.evaluation() }
  }

  @Test func anInterruptedWayBackChangesNothing() throws {
    let bench = try TimeBench.small()
    let subject = try bench.session.current(), source = Watched(try #require(subject.source))
    subject.source = source
    try bench.run("attach lora r=2")
    try bench.run("step 60")
    let hash = bench.hash, head = bench.session.timeline.head
    for step in 1...59 { bench.session.timeline.drop(.init(entry: head, step: step)) }
    source.drawn = { [session = bench.session] in if $0 == 20 { session.interrupt.raise() } }
    let failure = try bench.failure("step -10")
    #expect(failure.what.contains("nothing has changed"))
    #expect(bench.hash == hash && bench.session.timeline.head == head)
    source.drawn = { _ in }
    try bench.run("step -10")
    #expect(bench.losses.count == 50)
  }
}
