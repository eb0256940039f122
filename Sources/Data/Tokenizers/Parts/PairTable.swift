/// From a pair of ids to rank and joined id: an open-addressing table.
struct PairTable: Sendable {
  private var keys: [UInt64]
  private var values: [UInt64]
  private let mask: Int
  private static let none = UInt64.max

  /// A table of merges in the order of their rank; of a pair that stands twice the later one counts.
  init(_ merges: [(left: Int, right: Int, joined: Int)]) {
    var size = 16
    while size < 2 * merges.count { size *= 2 }
    keys = [UInt64](repeating: Self.none, count: size)
    values = [UInt64](repeating: Self.none, count: size)
    mask = size - 1
    for (rank, merge) in merges.enumerated() {
      let key = Pair.key(merge.left, merge.right)
      var slot = place(key)
      while keys[slot] != Self.none, keys[slot] != key { slot = (slot + 1) & mask }
      keys[slot] = key
      values[slot] = Pair.key(rank, merge.joined)
    }
  }

  @inline(__always)
  private func place(_ key: UInt64) -> Int {
    let h = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: h >> 24) & mask
  }

  /// Rank (high half) and joined id (low half) of a pair; all ones where it is never joined.
  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> UInt64 {
    let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    var slot = place(key)
    while true {
      if keys[slot] == key { return values[slot] }
      if keys[slot] == Self.none { return Self.none }
      slot = (slot + 1) & mask
    }
  }
}
