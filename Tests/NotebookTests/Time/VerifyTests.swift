import Engine
import Options
import Testing

@testable import Notebook

/// `verify` finds what does not come out again.
@Suite struct VerifyTests {
  @Test(arguments: [64 << 20, 0]) func everythingComesOutAgain(undoMemory: Int) throws {
    let bench = try TimeBench.small(undoMemory: undoMemory)
    for line in [
      "sweep r = 1,2 { attach lora r=r; step 3; detach }", "attach lora r=2 dropout=0.2", "train 12 lr=1e-2",
      "step -5",
      "forward", "backward", "update", "norm(blocks.0.attn.qkv)", "let n = %", "blocks.0.attn.qkv[0,:]",
      "let row = %", "merge",
    ] { try bench.run(line) }
    let hash = bench.hash, head = bench.session.timeline.head
    let text = try bench.run("verify")
    #expect(
      text.contains(
        undoMemory > 0 ? "17 of 17 entries compared, all equal" : "of 17 entries compared, all equal"))
    #expect(text.contains(hash) && bench.hash == hash && bench.session.timeline.head == head)
    #expect(bench.session.timeline.entries.count == 18)
  }

  @Test func theFirstDifferenceIsNamed() throws {
    let bench = try TimeBench.small("attach lora r=2", "step 2", "step 2", "lr 1e-2")
    let parameter = try #require(bench.session.current().model.trainable.first)
    try bench.run("undo 2")
    parameter.value = try parameter.value.scaled(by: 1.0001)  // behind the tape's back
    try bench.run("step 2")
    let failure = try bench.failure("verify")
    #expect(failure.what.hasPrefix("entry 7, step 2, is the first that differs"), "\(failure.what)")
  }

  @Test func anEntryThatFailsNowIsNamed() throws {
    let bench = try TimeBench.small("attach lora r=2")
    bench.session.timeline.add("attach lora r=3", group: 9, end: bench.session.capture())
    let failure = try bench.failure("verify")
    #expect(failure.what.hasPrefix("entry 4, attach lora r=3, fails now: there is already an attachment"))
    #expect(try TimeBench().run("verify").contains("nothing to verify"))
  }
}
