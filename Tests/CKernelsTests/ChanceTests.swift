import CKernels
import Foundation
import Testing

/// Philox 4×32-10 as its paper states it, one block at a time.
func philox(key: UInt64, stream: UInt64, block: UInt64) -> [UInt32] {
  var c = [
    UInt32(truncatingIfNeeded: block), UInt32(block >> 32), UInt32(truncatingIfNeeded: stream),
    UInt32(stream >> 32),
  ]
  var k0 = UInt32(truncatingIfNeeded: key), k1 = UInt32(key >> 32)
  for _ in 0..<10 {
    let a = UInt64(c[0]) * 0xD251_1F53, b = UInt64(c[2]) * 0xCD9E_8D57
    c = [
      UInt32(b >> 32) ^ c[1] ^ k0, UInt32(truncatingIfNeeded: b),
      UInt32(a >> 32) ^ c[3] ^ k1, UInt32(truncatingIfNeeded: a),
    ]
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
  }
  return c
}

extension KernelTests {
  @Suite struct ChanceTests {
    @Test func knownAnswers() {
      #expect(philox(key: 0, stream: 0, block: 0) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
      let ones = UInt64.max
      #expect(
        philox(key: ones, stream: ones, block: ones) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
      onEveryTable { table in
        var y = [Float](repeating: 9, count: 4)
        ck_uniform(4, 0, 0, 0, &y)
        let want = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8].map { Float($0 >> 8) * 0x1p-24 }
        #expect(y == want, "\(table) \(y)")
      }
    }

    /// Any start gives the same values as a long run from 0, for large counters and keys too.
    @Test func anyStart() {
      onEveryTable { table in
        let pairs: [(UInt64, UInt64)] = [(7, 0), (0x1234_5678_9abc_def0, 0xfedc_ba98_7654_3210)]
        for (key, stream) in pairs {
          let starts: [UInt64] = [0, 1, 2, 3, 4, 31, 33, 17_179_869_179]
          for start in starts {
            for n in [1, 3, 5, 32, 33, 100] {
              var u = Guarded(n), z = Guarded(n)
              ck_uniform(n, key, stream, start, &u.all)
              ck_normal(n, key, stream, start, &z.all)
              var uniform: [Float] = [], normal: [Double] = []
              for i in start..<(start + UInt64(n)) {
                let w = philox(key: key, stream: stream, block: i / 4), j = Int(i % 4)
                uniform.append(Float(w[j] >> 8) * 0x1p-24)
                let radius = (-2 * log((Double(w[j & 2]) + 0.5) * 0x1p-32)).squareRoot()
                let angle = Double(w[j | 1]) * 0x1p-32 * 2 * Double.pi
                normal.append(radius * (j % 2 == 0 ? cos(angle) : sin(angle)))
              }
              #expect(u.values == uniform && u.intact, "\(table) start=\(start) n=\(n)")
              #expect(
                distance(z.values, normal, floor: 1e-4) < 1e-7 && z.intact, "\(table) start=\(start) n=\(n)")
            }
          }
        }
      }
    }

    /// Not only close: the same bits from every table.
    @Test func sameBitsEverywhere() {
      var first: [Float]?
      onEveryTable { table in
        var y = [Float](repeating: 0, count: 20_000)
        ck_normal(y.count, 42, 1, 3, &y)
        if let first { #expect(first == y, "\(table)") }
        first = y
      }
    }

    @Test func moments() {
      let n = 200_000
      var u = [Float](repeating: 0, count: n), z = u
      ck_uniform(n, 1, 2, 0, &u)
      ck_normal(n, 1, 3, 0, &z)
      #expect(u.allSatisfy { $0 >= 0 && $0 < 1 })
      #expect(abs(Double(ck_sum(n, u)) / Double(n) - 0.5) < 0.003)
      #expect(abs(Double(ck_sum(n, z)) / Double(n)) < 0.01)
      #expect(abs(ck_sum_squares(n, z) / Double(n) - 1) < 0.015)
      let far = Double(z.filter { abs($0) > 2 }.count) / Double(n)
      #expect(abs(far - 0.0455) < 0.003)
    }
  }
}
