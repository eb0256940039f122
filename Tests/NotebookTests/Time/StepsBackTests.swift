import Engine
import Methods
import Testing
import Training

@testable import Notebook

/// `step -n` and `step n` again: the same bits, for whatever is attached and whatever optimises.
@Suite struct StepsBackTests {
  static let cases = Methods.names.flatMap { method in
    Optimisers.all.map { (method, $0.card.name == "sgd" ? "sgd momentum=0.9" : $0.card.name) }
  }

  @Test(arguments: cases) func fiftyThereAndBack(method: String, optimizer: String) throws {
    let bench = try TimeBench.small(
      for: method, "attach \(method)", "optimizer \(optimizer)", "lr 3e-3 schedule=cosine warmup=5 total=60")
    let start = bench.hash
    try bench.run("step 50")
    let end = bench.hash, losses = bench.losses
    #expect(losses.count == 50 && end != start)
    try bench.run("step -50")
    #expect(bench.hash == start && bench.losses.isEmpty)
    try bench.run("step 50")
    #expect(bench.hash == end && bench.losses == losses)
  }

  @Test(arguments: cases) func alsoWhereOnlySomeStatesAreKept(method: String, optimizer: String) throws {
    let setup = ["attach \(method)", "optimizer \(optimizer)"]
    let rich = try TimeBench.small(for: method), poor = try TimeBench.small(for: method, undoMemory: 60_000)
    for line in setup + ["step 50"] {
      try rich.run(line)
      try poor.run(line)
    }
    let all = rich.session.timeline.entries.last?.states ?? []
    let some = poor.session.timeline.entries.last?.states ?? []
    #expect(all.allSatisfy { $0 != nil } && some.contains { $0 == nil })
    for back in [1, 2, 7, 23, 16] {
      for bench in [rich, poor] { try bench.run("step -\(back)") }
      #expect(rich.hash == poor.hash)
      for bench in [rich, poor] { try bench.run("step 3") }
      #expect(rich.hash == poor.hash && rich.losses == poor.losses)
      for bench in [rich, poor] { try bench.run("undo") }
      #expect(rich.hash == poor.hash)
    }
  }

  @Test func withNothingKeptAtAll() throws {
    let bench = try TimeBench.small(undoMemory: 0, "attach lora r=2 dropout=0.3"), start = bench.hash
    try bench.run("step 20")
    let middle = bench.hash
    try bench.run("step 20")
    let end = bench.hash
    let kept = bench.session.timeline.entries.flatMap(\.states).compactMap { $0 }
    #expect(kept.count <= 1)
    try bench.run("step -20")
    #expect(bench.hash == middle)
    try bench.run("step -20")
    #expect(bench.hash == start)
    try bench.run("undo 2")
    #expect(bench.hash == end)
  }

  @Test func acrossOtherCommandsAndAgain() throws {
    let bench = try TimeBench.small("attach lora r=2")
    var hashes = [bench.hash]
    func step() throws {
      try bench.run("step")
      hashes.append(bench.hash)
    }
    for _ in 0..<3 { try step() }
    try bench.run("lr 1e-2")
    let afterRate = bench.hash
    for _ in 0..<3 { try step() }
    try bench.run("step -2")
    #expect(bench.hash == hashes[4])
    try bench.run("step -1")
    #expect(bench.hash == afterRate, "all steps after lr are undone, lr is not")
    try bench.run("step -1")
    #expect(bench.hash == hashes[2])
    try bench.run("step")
    #expect(bench.hash == hashes[3])
    try bench.run("step -3")
    #expect(bench.hash == hashes[0])
    let failure = try bench.failure("step -1")
    #expect(failure.what.contains("0 training steps"))
    #expect(bench.hash == hashes[0])
    try bench.run("undo")
    #expect(bench.hash == hashes[3], "undo of step -3")
    try bench.run("undo 2")
    #expect(bench.hash == afterRate)
    try bench.run("redo 3")
    #expect(bench.hash == hashes[0], "redo of step -3")
  }

  @Test func aLongChainOfStepsBackNeedsNoDepth() throws {
    let bench = try TimeBench.small(undoMemory: 0, "attach bitfit", "step 2")
    try bench.run("repeat 500 { step -1; step 1 }")
    let hash = bench.hash
    try bench.run("step -1")
    try bench.run("undo")
    #expect(bench.hash == hash)
  }

  @Test func keptStatesAreSpreadEvenly() throws {
    let bench = try TimeBench.small(undoMemory: 200_000, "attach lora r=2", "step 400")
    let kept = bench.session.timeline.entries[4].states.enumerated().compactMap { $1 == nil ? nil : $0 }
    #expect(kept.count > 20 && kept.count < 300 && kept.last == 399)
    let gaps = zip([-1] + kept, kept).map { $1 - $0 }
    let share = 400 / kept.count
    #expect(gaps.max() ?? 0 <= 4 * (share + 1), "\(gaps)")
    #expect(bench.session.timeline.bytes <= 200_000)
  }

  @Test func memoryCountsWhatIsKeptBesideTheSession() throws {
    // LoRA's own numbers and moments, not the base that all states share.
    let bench = try TimeBench.small("attach lora r=2", "step 1")
    let before = bench.session.timeline.bytes
    try bench.run("step 10")
    let each = (bench.session.timeline.bytes - before) / 10
    let subject = try bench.session.current(), model = subject.model
    let numbers = 3 * 4 * model.trainableCount
    #expect(each >= numbers && each < numbers + 16_384, "\(each) of \(numbers)")
    #expect(each < 4 * model.count + 16_384)
  }

  @Test func statesDoNotKeepTransposedForms() throws {
    let bench = try TimeBench.small("attach full", "step 6")
    let states = bench.session.timeline.entries.last?.states.dropLast().compactMap { $0 } ?? []
    #expect(states.count == 5)
    for state in states.dropFirst() {
      for storage in state.subjects[0].model.storages where storage.format == .f32 {
        #expect(storage.bytes == storage.count * 4)
      }
    }
  }
}
