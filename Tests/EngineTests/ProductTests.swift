import Testing

@testable import Engine

extension EngineTests {
  /// The one function behind every product, against three plain loops in Double.
  @Suite struct ProductTests {
    init() { EngineTests.oneThread }

    static let sizes: [(Int, Int, Int)] = [
      (1, 1, 1), (1, 300, 40), (40, 1, 20), (33, 17, 16), (16, 16, 17), (40, 70, 64), (64, 33, 130),
      (5, 300, 80),
      (31, 128, 17), (32, 127, 17), (100, 8, 90), (8, 100, 90), (3, 4, 0), (0, 4, 3), (4, 0, 3),
    ]

    @Test(arguments: sizes) func isThreeLoops(m: Int, n: Int, k: Int) {
      for form in 0..<8 {
        let (turnsA, turnsB, adds) = (form & 1 == 1, form & 2 == 2, form & 4 == 4)
        // Matrices stand inside wider ones, so that strides matter.
        let (ra, ca) = turnsA ? (k, m) : (m, k), (rb, cb) = turnsB ? (n, k) : (k, n)
        let a = draw(ra * (ca + 3), 1), b = draw(rb * (cb + 2), 2), before = draw(m * (n + 1), 3)
        var c = before
        c.withUnsafeMutableBufferPointer { c in
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              guard let c = c.baseAddress, let a = a.baseAddress, let b = b.baseAddress else { return }
              Product.run(
                m, n, k, .init(a, stride: ca + 3, transposed: turnsA),
                .init(b, stride: cb + 2, transposed: turnsB),
                into: c, stride: n + 1, alpha: 0.5, beta: adds ? 1 : 0)
            }
          }
        }
        var worst = 0.0
        for i in 0..<m {
          for j in 0...n where i * (n + 1) + j < c.count {
            var total = j < n && !adds ? 0 : Double(before[i * (n + 1) + j])
            for p in 0..<(j < n ? k : 0) {
              let x = a[turnsA ? p * (ca + 3) + i : i * (ca + 3) + p],
                y = b[turnsB ? j * (cb + 2) + p : p * (cb + 2) + j]
              total += 0.5 * Double(x) * Double(y)
            }
            worst = max(worst, abs(total - Double(c[i * (n + 1) + j])))
          }
        }
        #expect(worst < 1e-5 * Double(max(k, 1)).squareRoot(), "form \(form): off by \(worst)")
      }
    }

    /// At least one number, so that there is an address.
    private func draw(_ n: Int, _ seed: UInt64) -> [Float] {
      Chance(seed: seed).uniform([max(n, 1)], -1, 1, purpose: "product").scalars
    }
  }
}
