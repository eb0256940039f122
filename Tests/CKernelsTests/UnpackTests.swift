import CKernels
import Testing

extension KernelTests {
  /// Codes of four bits back to numbers: exactly value · scale, on every table, and nothing beyond.
  @Suite struct UnpackTests {
    @Test func isValueTimesScale() {
      onEveryTable { table in
        for block in [2, 8, 16, 64, 256, 4096] {
          for n in [1, 2, 15, 16, 17, 31, 64, 65, 100, 1024, 1031, 5000] {
            var chance = Sequence64(UInt64(block * 7919 + n))
            let values = chance.values(16), scales = chance.values((n + block - 1) / block)
            let pairs = (0..<256).flatMap { [values[$0 >> 4], values[$0 & 15]] }
            let codes = (0..<(n + 1) / 2).map { _ in UInt8(truncatingIfNeeded: chance.word() >> 3) }
            var y = Guarded([Float](repeating: .nan, count: n))
            ck_unpack_pairs(n, block, codes, pairs, scales, &y.all)
            let wanted = (0..<n).map { i in
              values[Int(i % 2 == 0 ? codes[i / 2] >> 4 : codes[i / 2] & 15)] * scales[i / block]
            }
            #expect(y.values == wanted && y.intact, "\(table) n=\(n) block=\(block)")
          }
        }
      }
    }
  }
}
