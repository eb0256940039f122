import CKernels
import Foundation
import Testing

extension KernelTests {
  @Suite struct OptimiserTests {
    /// Three steps against PyTorch's formulas in double; 1 − β is as a person writes it.
    @Test func adamw() {
      onEveryTable { table in
        for n in lengths {
          var chance = Sequence64(UInt64(n))
          var p = chance.values(n), m = [Float](repeating: 0, count: n), v = m
          var pd = p.map { Double($0) }, md = [Double](repeating: 0, count: n), vd = md
          for step in 1...3 {
            let g = chance.values(n, 4)
            let c1 = 1 - pow(0.9, Double(step)), c2 = 1 - pow(0.999, Double(step))
            for i in 0..<n {
              let a = Double(g[i]) * 0.5
              md[i] += (1 - 0.9) * (a - md[i])
              vd[i] = 0.999 * vd[i] + (1 - 0.999) * a * a
              let denominator = vd[i].squareRoot() / c2.squareRoot() + 1e-8
              pd[i] = pd[i] * (1 - 0.01 * 0.1) - 0.01 / c1 * md[i] / denominator
            }
            var p2 = Guarded(n), m2 = Guarded(n), v2 = Guarded(n)
            ck_adamw(n, 0.01, 0.9, 0.999, 1e-8, 0.1, c1, c2, 0.5, g, p, m, v, &p2.all, &m2.all, &v2.all)
            #expect(p2.intact && m2.intact && v2.intact)
            p = p2.values
            m = m2.values
            v = v2.values
          }
          #expect(distance(p, pd) < 3e-7, "\(table) n=\(n)")
          #expect(distance(m, md) < 3e-7 && distance(v, vd, floor: 1e-6) < 1e-6, "\(table) n=\(n)")
        }
      }
    }

    @Test func adamwInPlace() {
      onEveryTable { table in
        var chance = Sequence64(3)
        let g = chance.values(37), p = chance.values(37), m = chance.values(37)
        let v = chance.values(37).map { abs($0) }
        var p2 = p, m2 = m, v2 = v, p3 = p, m3 = m, v3 = v
        ck_adamw(37, 0.01, 0.9, 0.999, 1e-8, 0.1, 0.5, 0.25, 1, g, p, m, v, &p2, &m2, &v2)
        p3.withUnsafeMutableBufferPointer { p in
          m3.withUnsafeMutableBufferPointer { m in
            v3.withUnsafeMutableBufferPointer { v in
              ck_adamw(
                37, 0.01, 0.9, 0.999, 1e-8, 0.1, 0.5, 0.25, 1, g, p.baseAddress, m.baseAddress, v.baseAddress,
                p.baseAddress, m.baseAddress, v.baseAddress)
            }
          }
        }
        #expect(p2 == p3 && m2 == m3 && v2 == v3, "\(table)")
      }
    }

    @Test func sgd() {
      onEveryTable { table in
        for n in lengths {
          var chance = Sequence64(UInt64(n) + 40)
          let p = chance.values(n), first = chance.values(n), second = chance.values(n)
          var p1 = Guarded(n), b1 = Guarded(n), p2 = Guarded(n), b2 = Guarded(n), plain = Guarded(n)
          ck_sgd(n, 0.1, 0.9, 0.01, 0.5, 1, first, p, nil, &p1.all, &b1.all)
          ck_sgd(n, 0.1, 0.9, 0.01, 0.5, 0, second, p1.values, b1.values, &p2.all, &b2.all)
          ck_sgd(n, 0.1, 0.9, 0.01, 0.5, 0, first, p, nil, &plain.all, nil)
          var want1: [Double] = [], want2: [Double] = []
          for i in 0..<n {
            var at = Double(p[i])
            var buffer = Double(first[i]) * 0.5 + 0.01 * at
            at -= 0.1 * buffer
            want1.append(at)
            buffer = 0.9 * buffer + Double(second[i]) * 0.5 + 0.01 * at
            want2.append(at - 0.1 * buffer)
          }
          #expect(distance(p1.values, want1) < 3e-7 && p1.intact && b1.intact, "\(table) n=\(n)")
          #expect(distance(p2.values, want2) < 3e-7 && p2.intact && b2.intact, "\(table) n=\(n)")
          #expect(distance(plain.values, want1) < 3e-7 && plain.intact, "\(table) n=\(n) without momentum")
        }
      }
    }
  }
}
