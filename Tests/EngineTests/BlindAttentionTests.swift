import TestSupport
import Testing

@testable import Engine

extension EngineTests {
  /// Queries before which all is padding.
  @Suite struct BlindAttentionTests {
    init() { EngineTests.oneThread }

    /// A query of zeros reads all keys alike by itself; so a blind one that reads all is the same as one that sees all.
    @Test func aBlindQueryReadsAllKeysAlike() throws {
      let chance = Chance(seed: 4)
      let q = Tensor.zeros([1, 5, 6]), k = chance.normal([1, 5, 6], deviation: 1, purpose: "k")
      let v = chance.normal([1, 5, 6], deviation: 1, purpose: "v")
      func run(_ isMasked: Bool, slopes: [Float]? = nil) throws -> (y: Tensor, gradients: [Tensor]) {
        let tape = Tape(), x = [q, k, v].map { tape.track($0) }
        var form = AttentionForm(
          heads: 2, headWidth: 3, isCausal: isMasked, mask: isMasked ? KeyMask([[0, 0, 1, 1, 0]]) : nil)
        form.blindReadsAll = isMasked
        form.slopes = slopes
        let y = try Tensor.attention(q: HeadColumns(x[0]), k: HeadColumns(x[1]), v: HeadColumns(x[2]), form)
        let first = try y.slice(axis: 1, 0..<2)
        let found = try tape.gradients(of: (first * first).sum())
        return (first.plain, try x.map { try #require(found[$0]) })
      }
      for slopes in [nil, [0.5, 0.25]] as [[Float]?] {
        let (blind, all) = (try run(true, slopes: slopes), try run(false))
        #expect(try blind.y.largestDifference(from: all.y) < 1e-6)
        for (a, b) in zip(blind.gradients, all.gradients) { #expect(try a.largestDifference(from: b) < 1e-6) }
      }
    }

    @Test func otherwiseItGivesZero() throws {
      let x = Chance(seed: 5).normal([1, 3, 4], deviation: 1, purpose: "x")
      let form = AttentionForm(heads: 1, headWidth: 4, isCausal: true, mask: KeyMask([[0, 1, 1]]))
      let y = try Tensor.attention(q: HeadColumns(x), k: HeadColumns(x), v: HeadColumns(x), form)
      #expect(y.scalars.prefix(4).allSatisfy { $0 == 0 })
    }
  }
}
