import CKernels
import Testing

extension KernelTests {
  @Suite struct ProductTests {
    /// C = α·A·B + β·C; with `onto`, + a row or rows that stand elsewhere, in place of C.
    static func check(
      _ table: String, _ m: Int, _ n: Int, _ k: Int, turned: Bool, alpha: Float, beta: Float, onto: Int? = nil
    ) {
      var chance = Sequence64(UInt64(m * 10007 + n * 101 + k))
      let ldb = n + 3, ldc = n + 2
      let (ra, ca) = turned ? (1, m + 1) : (k + 5, 1)
      let a = chance.values(max(1, (m + 6) * (k + 6) + m + k)), b = chance.values(max(1, k * ldb))
      // The last row of C ends with its last column, and so does B: nothing may be read or written beyond.
      let size = m == 0 ? 0 : (m - 1) * ldc + n
      let before = beta == 0 ? [Float](repeating: .nan, count: size) : chance.values(size)
      var c = Guarded(before)
      let row = chance.values(max(1, (m + 1) * (onto ?? 0) + n))
      c.all.withUnsafeMutableBufferPointer { c in
        let own = beta == 0 ? nil : UnsafePointer(c.baseAddress)
        row.withUnsafeBufferPointer { row in
          let start = onto == nil ? own : row.baseAddress
          ck_product_onto(m, n, k, alpha, a, ra, ca, b, ldb, start, onto ?? ldc, c.baseAddress, ldc)
        }
      }
      var worst = 0.0, touched = 0
      for i in 0..<m {
        for j in 0..<(i + 1 < m ? ldc : n) {
          let got = c.all[i * ldc + j], old = before[i * ldc + j]
          if j >= n {
            if got.bitPattern != old.bitPattern { touched += 1 }
            continue
          }
          var sum = 0.0
          for p in 0..<k { sum += Double(a[i * ra + p * ca]) * Double(b[p * ldb + j]) }
          let start = onto.map { row[i * $0 + j] } ?? (beta == 0 ? 0 : old)
          let want = Double(alpha) * sum + Double(start)
          let error = abs(Double(got) - want) / (1 + Double(k).squareRoot())
          worst = error.isNaN ? .infinity : max(worst, error)
        }
      }
      #expect(
        worst < 1.5e-6 && touched == 0 && c.intact,
        "\(table) \(m)x\(n)x\(k) turned=\(turned) \(worst) \(touched)")
    }

    @Test func everyCorner() {
      onEveryTable { table in
        for m in [0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 33] {
          for n in [0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 24, 25, 31, 32, 33, 40, 63, 100] {
            for (k, turned) in [(0, false), (1, true), (3, false), (16, true), (17, false)] {
              Self.check(table, m, n, k, turned: turned, alpha: 1, beta: 0)
              Self.check(table, m, n, k, turned: !turned, alpha: -0.5, beta: 1)
              Self.check(table, m, n, k, turned: turned, alpha: 2, beta: 0, onto: 0)
            }
          }
        }
      }
    }

    @Test func deep() {
      onEveryTable { table in
        for (m, n, k) in [
          (16, 16, 257), (33, 8, 600), (7, 5, 512), (64, 40, 300), (1, 100, 700), (2, 70, 1000),
          (3, 201, 400), (4, 130, 513), (100, 1, 1000),
        ] {
          for turned in [false, true] {
            Self.check(table, m, n, k, turned: turned, alpha: 1.5, beta: 0)
            Self.check(table, m, n, k, turned: turned, alpha: 1, beta: 1)
            Self.check(table, m, n, k, turned: turned, alpha: 1, beta: 0, onto: 0)
            Self.check(table, m, n, k, turned: turned, alpha: 1, beta: 0, onto: n + 7)
          }
        }
      }
    }

    /// A with both strides above 1.
    @Test func stridedBothWays() {
      onEveryTable { table in
        var chance = Sequence64(8)
        let a = chance.values(2000), b = chance.values(19 * 24)
        var c = [Float](repeating: 0, count: 21 * 24), want = [Double](repeating: 0, count: 21 * 24)
        ck_product_onto(21, 24, 19, 1, a, 2, 70, b, 24, nil, 0, &c, 24)
        for i in 0..<21 {
          for j in 0..<24 {
            for p in 0..<19 { want[i * 24 + j] += Double(a[i * 2 + p * 70]) * Double(b[p * 24 + j]) }
          }
        }
        #expect(distance(c, want) < 1e-6, "\(table)")
      }
    }
  }
}
