import CKernels
import Testing

extension KernelTests {
  /// A few rows with rows of a matrix, in float32 and in bfloat16.
  @Suite struct DotsTests {
    @Test func everyCorner() {
      onEveryTable { table in
        for (m, n, k) in [
          (1, 1, 1), (1, 4, 16), (2, 5, 17), (3, 7, 31), (4, 9, 32), (1, 3, 33), (2, 8, 100), (4, 6, 257),
        ] {
          var chance = Sequence64(UInt64(m * 101 + n * 11 + k))
          let x = chance.values(m * k), w = chance.values(n * k), ldy = n + 2
          var halves = [UInt16](repeating: 0, count: n * k), rounded = [Float](repeating: 0, count: n * k)
          ck_f32_to_bf16(n * k, w, &halves)
          ck_bf16_to_f32(n * k, halves, &rounded)
          for (isHalf, weights) in [(false, w), (true, rounded)] {
            var y = Guarded([Float](repeating: .nan, count: (m - 1) * ldy + n))
            if isHalf {
              ck_dots_bf16(m, n, k, x, halves, &y.all, ldy)
            } else {
              ck_dots(m, n, k, x, w, &y.all, ldy)
            }
            var worst = 0.0
            for r in 0..<m {
              for o in 0..<n {
                let want = (0..<k).reduce(0.0) { $0 + Double(x[r * k + $1]) * Double(weights[o * k + $1]) }
                let error = abs(Double(y.all[r * ldy + o]) - want) / (1 + Double(k).squareRoot())
                worst = error.isNaN ? .infinity : max(worst, error)
              }
            }
            #expect(worst < 1.5e-6 && y.intact, "\(table) \(m)x\(n)x\(k) bf16=\(isHalf) \(worst)")
          }
        }
      }
    }
  }
}
