import Testing

@testable import Engine

extension EngineTests {
  /// What is not kept is computed again, and the gradients are the same.
  @Suite struct CheckpointTests {
    init() { EngineTests.oneThread }

    private let w = Chance(seed: 1).normal([6, 6], purpose: "w")
    private let v = Chance(seed: 1).normal([6, 6], purpose: "v")
    private let x = Chance(seed: 1).normal([3, 6], purpose: "x")

    /// Two blocks of one weight, with something that both read besides x.
    private func gradients(isCheckpointing: Bool) throws -> (Gradients, held: Int, calls: Int) {
      let tape = Tape(), first = try tape.track(v).gelu()
      var calls = 0
      func block(_ tape: Tape, _ x: Tensor) throws -> Tensor {
        calls += 1
        return try x + (x.linear(tape.track(w)).gelu() * x).linear(first)
      }
      var h = try tape.track(x).scaled(by: 0.5)
      for _ in 0..<2 { h = try isCheckpointing ? tape.checkpointed(h, block) : block(tape, h) }
      let count = tape.count, loss = try (h * h).sum()
      let found = try tape.gradients(of: loss)
      return (found, count, calls)
    }

    @Test func gradientsAreTheSame() throws {
      let plain = try gradients(isCheckpointing: false), again = try gradients(isCheckpointing: true)
      #expect(plain.calls == 2 && again.calls == 4)
      #expect(again.held < plain.held, "a block is one node")
      for leaf in [w, v, x] {
        let a = try #require(plain.0[leaf]), b = try #require(again.0[leaf])
        #expect(try a.norm > 0 && a.largestDifference(from: b) <= 1e-6 * a.norm)
      }
    }

    @Test func onlyWhatBlocksReadIsKept() throws {
      weak var activation: Storage?
      let tape = Tape(), x = tape.track(w)
      let y = try tape.checkpointed(x) { _, x in
        let h = try x.gelu()
        activation = h.storage
        return try h * h
      }
      #expect(activation == nil, "the block's own numbers are gone")
      let found = try tape.gradients(of: y.sum())
      #expect(activation == nil && found[w] != nil)
    }

    @Test func whatOthersReadTooIsRecordedForAll() throws {
      let tape = Tape(), x = tape.track(self.x)
      var shared: Tensor?
      func block(_ own: Tape, _ x: Tensor) throws -> Tensor {
        let known = try shared ?? tape.aside { try tape.track(w).gelu() }
        shared = known
        return try x.linear(known)
      }
      let y = try tape.checkpointed(tape.checkpointed(x, block), block)
      let found = try tape.gradients(of: y.sum())
      let plain = Tape(), g = try plain.track(w).gelu()
      let wanted = try plain.gradients(of: plain.track(self.x).linear(g).linear(g).sum())
      #expect(try #require(found[w]).largestDifference(from: #require(wanted[w])) < 1e-5)
    }

    @Test func anotherResultIsNoSilentGradient() throws {
      let tape = Tape(), x = tape.track(self.x)
      var factor: Float = 1
      let y = try tape.checkpointed(x) { _, x in try x.gelu().scaled(by: factor) }
      factor = 2
      #expect { try tape.gradients(of: y.sum()) } throws: { "\($0)".contains("gave other numbers") }
    }

    @Test func aBlockThatNothingTracksIsNoNode() throws {
      let tape = Tape(), y = try tape.checkpointed(x) { _, x in try x.gelu() }
      #expect(tape.count == 0 && !y.isTracked)
    }
  }
}
