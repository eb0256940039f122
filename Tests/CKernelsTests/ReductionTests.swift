import CKernels
import Testing

extension KernelTests {
  @Suite struct ReductionTests {
    @Test func sums() {
      onEveryTable { table in
        for n in [0] + lengths + [4095, 4096, 4097, 100_003] {
          var chance = Sequence64(UInt64(n) + 1)
          let x = chance.values(n), y = chance.values(n)
          let floor = Double(n).squareRoot() + 1
          let sum = x.reduce(0.0) { $0 + Double($1) }
          let dot = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
          let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
          #expect(distance([ck_sum(n, x)], [sum], floor: floor) < 3e-7, "\(table) sum \(n)")
          #expect(distance([ck_dot(n, x, y)], [dot], floor: floor) < 3e-7, "\(table) dot \(n)")
          #expect(abs(ck_sum_squares(n, x) - squares) <= 1e-12 * squares, "\(table) squares \(n)")
          if n > 0 { #expect(ck_max(n, x) == x.max(), "\(table) max \(n)") }
        }
      }
    }

    @Test func sumOfManyStaysTrue() {
      onEveryTable { table in
        let n = 1_000_000
        let x = [Float](repeating: 0.1, count: n)
        #expect(abs(Double(ck_sum(n, x)) - Double(Float(0.1)) * Double(n)) < 0.1, "\(table)")
        #expect(ck_sum_squares(2, [1e25, 1e25]) == 2 * Double(Float(1e25)) * Double(Float(1e25)))
      }
    }

    /// The largest value, wherever it stands and when all are negative.
    @Test func largest() {
      onEveryTable { table in
        for n in lengths {
          for at in Set([0, n / 2, n - 1]) {
            var x = [Float](repeating: -3e38, count: n)
            x[at] = -1
            #expect(ck_max(n, x) == -1, "\(table) n=\(n) at=\(at)")
          }
        }
      }
    }

    @Test func axpy() {
      onEveryTable { table in
        for n in lengths {
          var chance = Sequence64(UInt64(n))
          let x = chance.values(n)
          var y = Guarded(chance.values(n))
          let want = zip(x, y.values).map { 1.7 * Double($0) + Double($1) }
          ck_axpy(n, 1.7, x, &y.all)
          #expect(distance(y.values, want) < 2e-7 && y.intact, "\(table) n=\(n)")
        }
      }
    }

    @Test func rowsAddedTogether() {
      onEveryTable { table in
        for (rows, n) in [(0, 5), (1, 1), (3, 17), (8, 64), (31, 100), (5, 130), (2, 16)] {
          var chance = Sequence64(UInt64(rows * 1000 + n))
          let x = chance.values(rows * n), b = chance.values(n)
          var sums = [Double](repeating: 0, count: n)
          for r in 0..<rows { for i in 0..<n { sums[i] += Double(x[r * n + i]) } }
          var y = Guarded(n)
          ck_sum_rows(rows, n, x, &y.all)
          #expect(distance(y.values, sums) < 3e-6 && y.intact, "\(table) \(rows)x\(n)")
          var z = Guarded(b)
          ck_add_sum_rows(rows, n, x, &z.all)
          #expect(distance(z.values, zip(sums, b).map { $0 + Double($1) }) < 3e-6 && z.intact, "\(table) add")
          var a = Guarded(x)
          a.all.withUnsafeMutableBufferPointer { ck_add_row(rows, n, $0.baseAddress, b, $0.baseAddress) }
          let want = x.indices.map { x[$0] + b[$0 % n] }
          #expect(a.values == want && a.intact, "\(table) add row")
        }
      }
    }
  }
}
