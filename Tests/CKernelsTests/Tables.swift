import CKernels
import Testing

/// All suites of this module, one after the other: which table is in use is a state of the whole process.
@Suite(.serialized) struct KernelTests {}

/// The tables this machine can run.
let tables = ["base", "x86-64-v3", "x86-64-v4", "x86-64-v4+bf16"].filter { (name: String) in
  defer { _ = ck_use(nil) }
  return ck_use(name) != 0
}

/// Runs `body` once per table, and leaves the best one in use.
func onEveryTable(_ body: (String) throws -> Void) rethrows {
  defer { _ = ck_use(nil) }  // other tests on this thread have the machine's own
  for name in tables {
    #expect(ck_use(name) == 1)
    try body(name)
  }
}

/// Lengths around every vector boundary.
let lengths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 100, 257]

/// A small linear congruential generator: the tests' own chance, so that they do not lean on what they test.
struct Sequence64 {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
  mutating func word() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  /// A value in [−scale, scale).
  mutating func value(_ scale: Float) -> Float { (Float(word()) / Float(1 << 30) - 1) * scale }
  mutating func values(_ n: Int, _ scale: Float = 1) -> [Float] { (0..<n).map { _ in value(scale) } }
}

/// The largest |got − want| / (floor + |want|): relative, with an absolute floor; NaN counts as infinite.
func distance(_ got: [Float], _ want: [Double], floor: Double = 1) -> Double {
  var worst = got.count == want.count ? 0 : Double.infinity
  for (g, w) in zip(got, want) {
    let e = abs(Double(g) - w) / (floor + abs(w))
    worst = e.isNaN ? .infinity : max(worst, e)
  }
  return worst
}

/// A buffer of n floats with a guard behind it that must not change.
struct Guarded {
  static let mark: Float = -12345.5
  var all: [Float]
  let n: Int
  init(_ n: Int, _ fill: Float = 777) {
    self.n = n
    all = [Float](repeating: fill, count: n) + [Float](repeating: Guarded.mark, count: 16)
  }
  init(_ values: [Float]) {
    n = values.count
    all = values + [Float](repeating: Guarded.mark, count: 16)
  }
  var values: [Float] { Array(all[..<n]) }
  var intact: Bool { all[n...].allSatisfy { $0 == Guarded.mark } }
}
