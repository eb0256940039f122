import Testing

@testable import Engine

extension EngineTests {
  /// A step of training has the same bits whatever the number of threads.
  @Suite(.serialized) struct SameBitsTests {
    private let chance = Chance(seed: 11)
    private let batch = 4, time = 50, width = 96, words = 1400

    private func weight(_ shape: [Int], _ name: String) -> Tensor {
      chance.normal(shape, deviation: 0.08, purpose: name)
    }

    /// One step of a small transformer: the hash of the loss, of every gradient and of every updated parameter.
    private func step() throws -> [UInt64] {
      let p = [
        weight([words, width], "table"), weight([width], "scale"), weight([width], "shift"),
        weight([3 * width, width], "qkv"), weight([3 * width], "qkv bias"), weight([4 * width, width], "up"),
        weight([width, 4 * width], "down"), weight([8, width], "a"), weight([3 * width, 8], "b"),
        weight([5, width], "prefix keys"), weight([5, width], "prefix values"), weight([width], "rms"),
      ]
      let tape = Tape()
      let w = p.map { tape.track($0) }
      let ids = (0..<batch * time).map { ($0 * 7919 + 13) % words }
      let x = try w[0].gather(ids, shape: [batch, time])
      let h = try x.layerNorm(weight: w[1], bias: w[2])
      let term = LowRankTerm(
        a: w[7], b: w[8], scale: 2, input: try h.dropout(0.1, chance, purpose: "drop", step: 1))
      let qkv = try h.linear(w[3], bias: w[4], terms: [term])
      let read = try Tensor.attention(
        q: HeadColumns(qkv), k: HeadColumns(qkv, column: width), v: HeadColumns(qkv, column: 2 * width),
        extra: (w[9], w[10]), AttentionForm(heads: 4, headWidth: width / 4, isCausal: true))
      let y = try (x + read).rmsNorm(weight: w[11])
      let z = try (y + y.linear(w[5]).geluTanh().linear(w[6])).reshaped([batch * time, width])
      let labels = ids.map { $0 % 9 == 0 ? -100 : Int32(($0 * 31) % words) }
      let result = try z.linearCrossEntropy(w[0], labels)
      let gradients = try tape.gradients(of: result.loss)
      var hashes = [result.loss.hash(), result.rows.hash(), z.hash()]
      for tensor in p {
        let g = try #require(gradients[tensor])
        let m = Tensor.zeros(tensor.shape)
        let next = try tensor.adamW(
          gradient: g, m: m, v: m, t: 1, rate: 0.01, betas: (0.9, 0.999), epsilon: 1e-8, decay: 0.1)
        hashes += [g.hash(), next.p.hash(), next.v.hash()]
      }
      return hashes
    }

    @Test func aStepOfTrainingHasTheSameBits() throws {
      let one = try ThreadsTests.with(1) { try step() }
      for threads in [1, 2, 3] {
        let found = try ThreadsTests.with(threads) { try step() }
        #expect(found == one, "\(threads) threads")
      }
    }

    @Test func lossesHaveTheSameBits() throws {
      let logits = chance.normal([300, 700], deviation: 3, purpose: "logits")
      let labels = (0..<300).map { Int32($0) }
      let one = try ThreadsTests.with(1) { try logits.crossEntropy(labels) }
      let three = try ThreadsTests.with(3) { try logits.crossEntropy(labels) }
      #expect(
        one.loss.item.isFinite && one.loss.hash() == three.loss.hash() && one.rows.hash() == three.rows.hash()
      )
    }
  }
}
