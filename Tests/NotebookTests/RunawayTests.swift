import Events
import Testing

@testable import Notebook

/// The warning that KL or reward runs away: once in a run, with what to try, and time travel stays exact.
@Suite struct RunawayWarningTests {
  private func tried(undoMemory: Int = 64 << 20, kl: String = "0") throws -> TimeBench {
    try TimeBench(
      undoMemory: undoMemory, "let m = gpt base=alphabet", "task +1 rows=8", "attach lora r=8",
      "reward letters aeiou trap=z", "trainer ppo prompt=1 tokens=6 kl=\(kl)", "lr 3e-2")
  }

  private func warnings(_ bench: TimeBench) -> [String] {
    bench.events.compactMap { event in
      guard case .note(let note) = event, note.level == .warning else { return nil }
      return note.text.plain
    }
  }

  @Test func itWarnsOnceAndTimeStaysExact() throws {
    let bench = try tried(), thinned = try tried(undoMemory: 0)
    let start = bench.hash
    let text = try bench.run("step 30"), end = bench.hash
    let found = warnings(bench)
    #expect(found.count == 1 && found[0].contains("away") && found[0].contains("reward from"))
    #expect(text.contains("kl=") && text.contains("lr 0.0075") && text.contains("step -"))
    try bench.run("step 5")
    #expect(warnings(bench).isEmpty)
    try bench.run("undo 2")
    #expect(bench.hash == start)
    try bench.run("redo")
    #expect(bench.hash == end && warnings(bench).isEmpty)
    // States that are made again make the warning's mark again, silently.
    try thinned.run("step 30")
    try thinned.run("undo")
    try thinned.run("redo")
    #expect(warnings(thinned).isEmpty && thinned.hash == end)
    // A trainer that is chosen anew is watched anew.
    try bench.run("trainer ppo prompt=1 tokens=6 kl=0")
    try bench.run("step")
    #expect(warnings(bench).count == 1)
  }

  @Test func aHeldPolicyIsNotWarnedOf() throws {
    let bench = try tried(kl: "2")
    try bench.run("lr 3e-3")
    try bench.run("step 30")
    #expect(warnings(bench).isEmpty)
  }
}
