import CKernels
import Testing

@testable import Engine

extension EngineTests {
  /// compute=bf16: frozen weights multiply in bfloat16, by panels where the processor has the instruction for it and by
  /// plain loops elsewhere.
  @Suite(.serialized) struct HalfComputeTests {
    private let chance = Chance(seed: 5)

    private func drawn(_ shape: [Int], _ name: String) -> Tensor { chance.normal(shape, purpose: name) }
    private func rounded(_ x: Tensor) -> Tensor { x.packed(as: .bf16).packed(as: .f32) }

    /// Sums of k products grow as √k, and so does the number of steps that their errors walk: both sides' differ as k.
    @Test(arguments: [(1, 7, 5), (20, 48, 64), (33, 70, 31), (130, 200, 300), (3, 400, 600)])
    func bothFactorsAreRounded(rows: Int, out: Int, width: Int) throws {
      let x0 = drawn([rows, width], "x"), w = drawn([out, width], "w"), b = drawn([out], "b")
      let dy = drawn([rows, out], "dy"), tape = Tape(), x = tape.track(x0)
      let y = try x.linear(w, bias: b, compute: .bf16)
      let wanted = try rounded(x0).linear(rounded(w), bias: b)
      #expect(try y.largestDifference(from: wanted) < 1e-7 * Float(60 + width))
      let dx = try #require(try tape.gradients(of: (y * dy).sum())[x0])
      let back = try rounded(dy).matmul(rounded(w))
      #expect(try dx.largestDifference(from: back) < 1e-7 * Float(60 + out))
      #expect(try width < 8 || y.largestDifference(from: x0.linear(w, bias: b)) > 1e-3)
    }

    /// A plain machine's loops give the same numbers up to the order of sums.
    @Test func theFallbackAgrees() throws {
      let x = drawn([30, 130], "x"), w = drawn([70, 130], "w")
      let own = try x.linear(w, compute: .bf16)
      defer { _ = ck_use(nil) }
      for table in ["base", "x86-64-v3", "x86-64-v4"] where ck_use(table) == 1 {
        let plain = try ThreadsTests.with(1) { try x.linear(w, compute: .bf16) }
        #expect(try plain.largestDifference(from: own) < 2e-5, "\(table)")
      }
    }

    @Test func aHead() throws {
      let x0 = drawn([40, 24], "x"), w = drawn([90, 24], "w"), labels = (0..<40).map { Int32($0 * 2) }
      let tape = Tape(), x = tape.track(x0)
      let half = try x.linearCrossEntropy(w, labels, compute: .bf16)
      let logits = try rounded(x0).linear(rounded(w))
      #expect(abs(half.loss.item - (try logits.crossEntropy(labels).loss.item)) < 1e-5)
      let exact = try x.linearCrossEntropy(w, labels)
      let (a, b) = (try tape.gradients(of: half.loss)[x0], try tape.gradients(of: exact.loss)[x0])
      #expect(try #require(a).largestDifference(from: #require(b)) < 2e-3)
      #expect(half.loss.hash() != exact.loss.hash())
    }

    /// What trains is multiplied as it is.
    @Test func aTrainedWeightStaysExact() throws {
      let x = drawn([20, 16], "x"), w0 = drawn([33, 16], "w"), tape = Tape(), w = tape.track(w0)
      #expect(try x.linear(w, compute: .bf16).hash() == x.linear(w0).hash())
    }

    /// Kept beside a weight of float32, made for one use from packed numbers.
    @Test func panelsAreKept() throws {
      let x = drawn([20, 16], "x"), w = drawn([33, 16], "w"), packed = w.packed(as: .bf16)
      let before = (w.storage.bytes, packed.storage.bytes)
      let y = try x.linear(w, compute: .bf16)
      #expect(w.storage.bytes == before.0 + 64 * 16 * 2)
      #expect(try x.linear(packed, compute: .bf16).hash() == y.hash())
      #expect(packed.storage.bytes == before.1)
    }

    @Test func theSameBitsOnAnyThreads() throws {
      let x0 = drawn([300, 200], "x"), w = drawn([500, 200], "w")
      let hashes = try [1, 2, 3].map { threads in
        try ThreadsTests.with(threads) {
          w.storage.dropDerived()
          let tape = Tape(), x = tape.track(x0), y = try x.linear(w, compute: .bf16)
          return [y.hash(), try #require(try tape.gradients(of: (y * y).sum())[x0]).hash()]
        }
      }
      #expect(hashes[0] == hashes[1] && hashes[0] == hashes[2])
    }
  }
}
