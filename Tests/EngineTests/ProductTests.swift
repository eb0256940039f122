import Synchronization
import Testing

@testable import Engine

extension EngineTests {
  /// The one function behind every product, against three plain loops in Double.
  @Suite struct ProductTests {
    init() { EngineTests.oneThread }

    /// C = ½·op(A)·op(B) + nothing, C or a row, with matrices that stand inside wider ones, so that strides matter.
    private struct Case {
      let m, n, k: Int
      let turnsA, turnsB: Bool
      /// What is added.
      let start: Start
      enum Start: Int { case zeros, itself, row }
      var strideA: Int { (turnsA ? m : k) + 3 }
      var strideB: Int { (turnsB ? k : n) + 2 }
      var stride: Int { n + 1 }

      /// The largest error over C, of which at most about 40 rows are looked at, and over the numbers beside it.
      func worst(_ a: [Float], _ b: [Float], _ row: [Float], _ before: [Float], _ after: [Float]) -> Double {
        var worst = 0.0
        for i in 0..<m where i % (m / 40 + 1) == 0 || i == m - 1 {
          for j in 0..<n {
            var total = Double([0, before[i * stride + j], row[j]][start.rawValue])
            let (firstA, stepA) = turnsA ? (i, strideA) : (i * strideA, 1)
            let (firstB, stepB) = turnsB ? (j * strideB, 1) : (j, strideB)
            for p in 0..<k { total += 0.5 * Double(a[firstA + p * stepA]) * Double(b[firstB + p * stepB]) }
            worst = max(worst, abs(total - Double(after[i * stride + j])))
          }
          if before[i * stride + n] != after[i * stride + n] { return .infinity }
        }
        return worst
      }
    }

    /// The last ones are cut into panels where our own kernel does all products.
    static let sizes: [(Int, Int, Int)] = [
      (1, 1, 1), (1, 300, 40), (40, 1, 20), (33, 17, 16), (16, 16, 17), (40, 70, 64), (64, 33, 130),
      (5, 300, 80),
      (31, 128, 17), (32, 127, 17), (100, 8, 90), (8, 100, 90), (3, 4, 0), (0, 4, 3), (4, 0, 3), (70, 8, 100),
      (33, 70, 1000), (130, 290, 460), (7, 290, 460), (40, 3, 120), (40, 6, 121),
    ]

    @Test(arguments: sizes) func isThreeLoops(m: Int, n: Int, k: Int) {
      let a = draw((m + 3) * (k + 3), 1), b = draw((n + 2) * (k + 2), 2), before = draw(m * (n + 1), 3),
        row = draw(n, 4)
      // Four forms are enough for large ones: each way of turning, and everything that may be added.
      for form in m * n * k > 1_000_000 ? [0, 3, 6, 9] : Array(0..<12) {
        let one = Case(
          m: m, n: n, k: k, turnsA: form & 1 == 1, turnsB: form & 2 == 2,
          start: .init(rawValue: form / 4) ?? .zeros)
        let rows = Mutex([Int](repeating: 0, count: m))
        var c = before
        c.withUnsafeMutableBufferPointer { c in
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              row.withUnsafeBufferPointer { row in
                guard let c = c.baseAddress, let a = a.baseAddress, let b = b.baseAddress,
                  let first = row.baseAddress
                else { return }
                let right = Product.Matrix(b, stride: one.strideB, transposed: one.turnsB)
                Product.run(
                  m, n, k, .init(a, stride: one.strideA, transposed: one.turnsA), right, into: c,
                  stride: one.stride, alpha: 0.5, onto: [.zeros, .itself, .row(first)][one.start.rawValue]
                ) { done in rows.withLock { for i in done { $0[i] += 1 } } }
              }
            }
          }
        }
        let worst = one.worst(a, b, row, before, c)
        #expect(worst < 1e-5 * Double(max(k, 1)).squareRoot(), "form \(form): off by \(worst)")
        #expect(n == 0 || rows.withLock { $0.allSatisfy { $0 == 1 } }, "every row is finished once")
      }
    }

    /// The forms kept beside a weight: row by row for small ones, panels for large ones, and slices of both.
    @Test(arguments: [40, 3]) func keptWeightsAreTheProduct(rows: Int) throws {
      let chance = Chance(seed: 5), w = chance.normal([1200, 240], purpose: "w"),
        bias = chance.normal([580], purpose: "bias")
      let views = [
        try w.slice(axis: 0, 0..<580), try w.slice(axis: 0, 0..<600), try w.slice(axis: 0, 580..<1160),
        try w.reshaped([600, 480]), w, try w.slice(axis: 0, 7..<20),
      ]
      for _ in 0..<2 {
        for view in views {
          let x = chance.normal([rows, view.width], purpose: "x")
          let wanted = try x.matmul(view, transposed: true)
          #expect(try x.linear(view).largestDifference(from: wanted) < 1e-3)
          guard view.shape[0] == bias.count else { continue }
          let shifted = try wanted + bias
          #expect(try x.linear(view, bias: bias).largestDifference(from: shifted) < 1e-3)
        }
      }
    }

    /// At least one number, so that there is an address.
    private func draw(_ n: Int, _ seed: UInt64) -> [Float] {
      Chance(seed: seed).uniform([max(n, 1)], -1, 1, purpose: "product").scalars
    }
  }
}
