/// Chance without a state: every number is a pure function of a seed and of what is asked, so that any
/// batch can be made again without making those before it.
enum CountedChance {
  /// Stirs 64 bits (the last step of SplitMix64: every bit of the result depends on every bit of the
  /// argument).
  static func mixed(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 64 even bits for a seed and two counters.
  static func bits(_ seed: Int, _ first: Int, _ second: Int = 0) -> UInt64 {
    let one = mixed(UInt64(bitPattern: Int64(seed)))
    let two = mixed(one ^ UInt64(bitPattern: Int64(first)))
    return mixed(two ^ UInt64(bitPattern: Int64(second)) &* 0xD6E8_FEB8_6659_FD93)
  }

  /// An even whole number from 0 up to, not including, `bound`.
  static func number(below bound: Int, _ seed: Int, _ first: Int, _ second: Int = 0) -> Int {
    guard bound > 1 else { return 0 }
    return Int(bits(seed, first, second).multipliedFullWidth(by: UInt64(bound)).high)
  }
}
