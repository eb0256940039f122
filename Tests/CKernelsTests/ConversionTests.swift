import CKernels
import Testing

extension KernelTests {
  @Suite struct ConversionTests {
    /// All 65536 halves against the value their bits mean.
    @Test func everyHalf() {
      let bits = (0..<65536).map { UInt16($0) }
      onEveryTable { table in
        var y = [Float](repeating: 0, count: 65536), back = [UInt16](repeating: 0, count: 65536)
        ck_f16_to_f32(65536, bits, &y)
        ck_f32_to_f16(65536, y, &back)
        var wrong = 0, lost = 0
        for i in 0..<65536 {
          let exponent = i >> 10 & 31, fraction = Float(i & 1023), sign: Float = i >> 15 == 1 ? -1 : 1
          if exponent == 31 && fraction != 0 {
            if !y[i].isNaN { wrong += 1 }
            if back[i] & 0x7c00 != 0x7c00 || back[i] & 0x3ff == 0 { lost += 1 }
            continue
          }
          var want =
            exponent == 31
            ? Float.infinity : (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
          if exponent == 0 { want = fraction * 0x1p-24 }
          if y[i] != sign * want || y[i].sign != (sign < 0 ? .minus : .plus) { wrong += 1 }
          if back[i] != bits[i] { lost += 1 }
        }
        #expect(wrong == 0 && lost == 0, "\(table): \(wrong) wrong, \(lost) not the same after both ways")
      }
    }

    /// Halfway between two neighbours goes to the even one; just beyond, to the nearer.
    @Test func roundingToHalf() {
      let cases: [(Float, UInt16)] = [
        (1 + 0x1p-11, 0x3c00), (1 + 0x1p-11 + 0x1p-20, 0x3c01), (1 + 3 * 0x1p-11, 0x3c02),
        (0x1p-25, 0), (0x1p-25 + 0x1p-40, 1), (3 * 0x1p-25, 2), (-0x1p-24, 0x8001), (0x1p-30, 0),
        (-0x1p-30, 0x8000),
        (0x1p-14 - 0x1p-26, 0x400), (65504, 0x7bff), (65519.9, 0x7bff), (65520, 0x7c00), (1e30, 0x7c00),
        (-1e30, 0xfc00), (.infinity, 0x7c00), (-.infinity, 0xfc00), (0, 0), (-0.0, 0x8000),
        (.leastNonzeroMagnitude, 0),
      ]
      let x = cases.map { $0.0 }
      onEveryTable { table in
        var y = [UInt16](repeating: 9, count: x.count)
        ck_f32_to_f16(x.count, x, &y)
        for (i, c) in cases.enumerated() { #expect(y[i] == c.1, "\(table) \(c.0)") }
        var n: [UInt16] = [0]
        ck_f32_to_f16(1, [Float(bitPattern: 0x7f80_0001)], &n)
        #expect(n[0] & 0x7c00 == 0x7c00 && n[0] & 0x3ff != 0, "\(table) NaN")
      }
    }

    @Test func bfloat16() {
      let cases: [(UInt32, UInt16)] = [
        (0x3f80_0000, 0x3f80), (0x3f80_8000, 0x3f80), (0x3f80_8001, 0x3f81), (0x3f81_8000, 0x3f82),
        (0x3f80_7fff, 0x3f80), (0x0000_0001, 0), (0x0000_8001, 1), (0x8000_0000, 0x8000),
        (0x7f80_0000, 0x7f80),
        (0xff80_0000, 0xff80), (0x7f7f_ffff, 0x7f80), (0x7f80_0001, 0x7fc0), (0xffff_ffff, 0xffff),
        (0x007f_8000, 0x80),
      ]
      let x = cases.map { Float(bitPattern: $0.0) }
      let bits = (0..<65536).map { UInt16($0) }
      onEveryTable { table in
        var y = [UInt16](repeating: 9, count: x.count)
        ck_f32_to_bf16(x.count, x, &y)
        for (i, c) in cases.enumerated() { #expect(y[i] == c.1, "\(table) case \(i): \(y[i])") }
        var f = [Float](repeating: 0, count: 65536), back = [UInt16](repeating: 0, count: 65536)
        ck_bf16_to_f32(65536, bits, &f)
        ck_f32_to_bf16(65536, f, &back)
        var wrong = 0
        for i in 0..<65536 {
          if f[i].bitPattern != UInt32(i) << 16 { wrong += 1 }
          if back[i] != bits[i] && back[i] != bits[i] | 0x40 { wrong += 1 }
          if !f[i].isNaN && back[i] != bits[i] { wrong += 1 }
        }
        #expect(wrong == 0, "\(table)")
      }
    }

    @Test func oddLengths() {
      onEveryTable { table in
        for n in lengths {
          var chance = Sequence64(UInt64(n))
          let x = chance.values(n, 9)
          var h = [UInt16](repeating: 0x7777, count: n + 3), y = Guarded(n)
          ck_f32_to_f16(n, x, &h)
          ck_f16_to_f32(n, h, &y.all)
          #expect(distance(y.values, x.map { Double($0) }) < 1e-3 && y.intact, "\(table) n=\(n)")
          #expect(h[n...].allSatisfy { $0 == 0x7777 })
          ck_f32_to_bf16(n, x, &h)
          ck_bf16_to_f32(n, h, &y.all)
          #expect(distance(y.values, x.map { Double($0) }) < 4e-3 && y.intact, "\(table) n=\(n)")
          #expect(h[n...].allSatisfy { $0 == 0x7777 })
        }
      }
    }

    @Test func transpose() {
      onEveryTable { table in
        for (rows, cols) in [(1, 1), (3, 5), (16, 16), (17, 31), (8, 64), (40, 3), (1, 20), (33, 16)] {
          let ldx = cols + 2, ldy = rows + 3
          var chance = Sequence64(UInt64(rows * 100 + cols))
          let x = chance.values(rows * ldx)
          var y = [Float](repeating: -9, count: cols * ldy)
          ck_transpose(rows, cols, x, ldx, &y, ldy)
          var wrong = 0
          for c in 0..<cols {
            for r in 0..<ldy where y[c * ldy + r] != (r < rows ? x[r * ldx + c] : -9) { wrong += 1 }
          }
          #expect(wrong == 0, "\(table) \(rows)x\(cols)")
        }
      }
    }

    @Test func finiteness() {
      onEveryTable { table in
        for n in lengths + [5000, 8192] {
          var x = [Float](repeating: 3e38, count: n)
          #expect(ck_all_finite(n, x) == 1, "\(table) n=\(n)")
          for bad in [Float.nan, .infinity, -.infinity, Float(bitPattern: 0x7f80_0001)] {
            for at in Set([0, n / 2, n - 1]) {
              x[at] = bad
              #expect(ck_all_finite(n, x) == 0, "\(table) n=\(n) at=\(at) \(bad)")
              x[at] = -0.0
            }
          }
        }
        #expect(ck_all_finite(0, nil) == 1)
      }
    }

    @Test func hash() {
      let bytes = (0..<200).map { UInt8($0 % 251) }
      var seen = Set<UInt64>()
      for n in 0...200 { #expect(seen.insert(ck_hash(n, bytes, 1)).inserted) }
      #expect(ck_hash(100, bytes, 1) == ck_hash(100, bytes, 1))
      #expect(ck_hash(100, bytes, 1) != ck_hash(100, bytes, 2))
      // One bit anywhere changes about half of the answer's bits.
      var changed = 0
      for bit in 0..<800 {
        var other = bytes
        other[bit / 8] ^= 1 << UInt8(bit % 8)
        let difference = ck_hash(100, other, 1) ^ ck_hash(100, bytes, 1)
        #expect(difference.nonzeroBitCount > 8)
        changed += difference.nonzeroBitCount
      }
      #expect(abs(changed - 800 * 32) < 800)
      // The address does not matter, only the bytes do.
      let shifted = [UInt8](repeating: 0, count: 3) + bytes
      shifted.withUnsafeBytes { raw in
        #expect(ck_hash(150, raw.baseAddress.map { $0 + 3 }, 7) == ck_hash(150, bytes, 7))
      }
      // Frozen: a file that carries this hash must be recognised by a later version.
      #expect(ck_hash(5, Array("graft".utf8), 0) == 10_465_629_975_828_807_444)
    }
  }
}
