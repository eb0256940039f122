import Testing

@testable import Engine

extension EngineTests {
  /// A head whose weight is made ready a span of classes at a time.
  @Suite struct LargeHeadTests {
    init() { EngineTests.oneThread }

    private let x = Chance(seed: 3).normal([520, 128], purpose: "x")
    private let w = Chance(seed: 3).normal([65_700, 128], deviation: 0.1, purpose: "w")
    private let labels = (0..<520).map { $0 % 13 == 5 ? -100 : Int32($0 * 126) }

    private func run(_ loss: (Tensor) throws -> Tensor) throws -> (loss: Float, slope: Tensor, most: Int) {
      let profile = Profile(), tape = Tape()
      return try Profile.$current.withValue(profile) {
        let loss = try loss(tape.track(x))
        let gradients = try tape.gradients(of: loss)
        return (loss.item, try #require(gradients[x]), profile.bytes.most)
      }
    }

    @Test func hasTheNumbersOfLinearAndCrossEntropyAndHoldsTheWeightOnce() throws {
      let head = try run { try $0.linearCrossEntropy(w, labels).loss }
      let plain = try run { try $0.linear(w).crossEntropy(labels).loss }
      #expect(abs(head.loss - plain.loss) < 1e-5 && head.loss > 5)
      #expect(try head.slope.largestDifference(from: plain.slope) < 1e-7 && head.slope.norm > 1e-3)
      // 512 rows of logits, and far less than W turned round.
      let logits = 512 * 65_700 * 4
      #expect(head.most > logits && head.most < logits * 5 / 4 + w.count, "\(head.most) bytes")
    }
  }
}
