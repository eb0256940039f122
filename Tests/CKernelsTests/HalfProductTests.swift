import CKernels
import Testing

extension KernelTests {
  /// Products of bfloat16 against sums in Double of the same rounded numbers.
  @Suite struct HalfProductTests {
    /// To the nearest number of eight bits, ties to even.
    private static func rounded(_ x: Float) -> Double {
      let bits = x.bitPattern
      return Double(Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000))
    }

    private static func panels(_ n: Int, _ k: Int, _ b: [Float], _ ldb: Int) -> [UInt32] {
      let words = 32 * ((k + 1) / 2)
      var all = [UInt32](repeating: 0xdead_beef, count: (n + 31) / 32 * words)
      b.withUnsafeBufferPointer { b in
        all.withUnsafeMutableBufferPointer { all in
          guard let b = b.baseAddress, let all = all.baseAddress else { return }
          for j in stride(from: 0, to: n, by: 32) {
            ck_bf16_panel(k, min(32, n - j), b + j, ldb, all + j / 32 * words)
          }
        }
      }
      return all
    }

    private static func check(_ table: String, _ m: Int, _ n: Int, _ k: Int) {
      var chance = Sequence64(UInt64(m * 7919 + n * 103 + k))
      let lda = k + 3, ldb = n, ldc = n + 2
      let a = chance.values(max(1, m * lda)), b = chance.values(max(1, k * ldb))
      let before = [Float](repeating: .nan, count: (m - 1) * ldc + n)
      var c = Guarded(before)
      var scratch = [UInt32](repeating: 0, count: m * ((k + 1) / 2 + 16))
      ck_bf16_product(m, n, k, a, lda, panels(n, k, b, ldb), &c.all, ldc, &scratch)
      var worst = 0.0, touched = 0
      for i in 0..<m {
        for j in 0..<(i + 1 < m ? ldc : n) {
          let got = c.all[i * ldc + j]
          if j >= n {
            if !got.isNaN { touched += 1 }
            continue
          }
          var sum = 0.0
          for p in 0..<k { sum += rounded(a[i * lda + p]) * rounded(b[p * ldb + j]) }
          let error = abs(Double(got) - sum) / (1 + Double(k).squareRoot())
          worst = error.isNaN ? .infinity : max(worst, error)
        }
      }
      #expect(
        worst < 1.5e-6 && touched == 0 && c.intact, "\(table) \(m)x\(n)x\(k): \(worst), \(touched) beside")
    }

    @Test func everyCorner() {
      onEveryTable { table in
        for m in [1, 2, 3, 5, 8, 11, 12, 13, 16, 23, 25] {
          for n in [1, 15, 16, 17, 31, 32, 33, 64, 70] {
            for k in [1, 2, 3, 16, 17, 31, 32, 33, 100] { Self.check(table, m, n, k) }
          }
        }
        Self.check(table, 40, 96, 1000)
      }
    }

    /// A pair of rows in a word; ties go to even; NaN and infinities stay; beyond the matrix there are zeros.
    @Test func aPanel() {
      onEveryTable { table in
        let b: [Float] = [1, 1 + 0x1p-8, 1 + 0x3p-8, -.infinity, .nan, 2]
        let words = Self.panels(2, 3, b, 2)
        #expect(words.count == 64 && words[0] == 0x3f82_3f80 && words[1] == 0xff80_3f80, "\(table)")
        #expect(words[32] & 0x7fff > 0x7f80 && words[33] == 0x4000, "\(table)")
        #expect(words[2..<32].allSatisfy { $0 == 0 } && words[34...].allSatisfy { $0 == 0 }, "\(table)")
      }
    }
  }
}
