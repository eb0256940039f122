/// Random damage to files: SplitMix64, so the same on every machine.
public struct Damage: RandomNumberGenerator {
  private var state: UInt64

  /// The damage of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Changes some bytes: flips, replaces, removes, doubles, puts in words that parsers care about.
  public mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var out = bytes
    let words = [
      "{", "}", "[", "]", ",", ":", "\"", "\\u", "\\ud83d", "-1", "0", "1e999", "99999999999999999999",
      "9223372036854775807", "null", "F32", "dtype", "\u{0}", "\u{7f}", "é", "[[[[[[[[",
    ]
    for _ in 0...Int.random(in: 0..<3, using: &self) {
      let at = Int.random(in: 0...out.count, using: &self), rest = out.count - at
      let some = Int.random(in: 0...min(rest, 12), using: &self)
      switch Int.random(in: 0..<6, using: &self) {
      case 0 where rest > 0: out[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 1 where rest > 0: out[at] = UInt8.random(in: 0...255, using: &self)
      case 2: out.removeSubrange(at..<at + some)
      case 3: out.insert(contentsOf: out[at..<at + some], at: at)
      case 4: out.insert(contentsOf: words.randomElement(using: &self)!.utf8, at: at)
      default: out.replaceSubrange(at..<at + min(some, 2), with: words.randomElement(using: &self)!.utf8)
      }
    }
    return out
  }
}
