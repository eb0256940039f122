/// A shuffled order of the numbers from 0 up to a count, any place of which is had at once.
///
/// Eight rounds of a Feistel network on the smallest even number of bits that holds the count; a result
/// outside is put through again until it lies inside. So it is one-to-one, needs no memory, and place k of
/// round r is a pure function: stepping backwards costs what stepping forwards costs.
public struct Permutation: Sendable, Equatable {
  /// How many numbers there are.
  public let count: Int
  private let half: UInt64
  private let keys: [UInt64]

  /// The order for a seed; each `round` (epoch) has its own.
  public init(count: Int, seed: Int, round: Int = 0) {
    self.count = max(0, count)
    var bits: UInt64 = 1
    while bits < 31, Int(1) << (2 * bits) < self.count { bits += 1 }
    half = bits
    keys = (0..<8).map { CountedChance.bits(seed, round, $0) }
  }

  /// The number at a place; the place is taken modulo the count.
  public subscript(place: Int) -> Int {
    guard count > 1 else { return 0 }
    var x = UInt64(((place % count) + count) % count)
    repeat { x = once(x) } while x >= UInt64(count)
    return Int(x)
  }

  /// All numbers in their order.
  public var all: [Int] { (0..<count).map { self[$0] } }

  private func once(_ x: UInt64) -> UInt64 {
    let mask: UInt64 = (1 << half) - 1
    var left = x >> half
    var right = x & mask
    for key in keys { (left, right) = (right, left ^ (CountedChance.mixed(right ^ key) & mask)) }
    return left << half | right
  }
}
