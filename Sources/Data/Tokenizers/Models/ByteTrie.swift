/// Tokens by their bytes, one byte after another: children of a node lie in one hash table.
struct ByteTrie: Sendable {
  private var first: [Int32]  // children of the root by byte
  private var keys: [UInt64]
  private var values: [Int32]
  private var ids: [Int32] = [-1]
  private let mask: Int

  /// The node before any byte.
  var root: Int32 { 0 }

  /// A trie of tokens, whose indices are the ids; of a token that stands twice the later one counts.
  init(_ tokens: [String]) {
    let most = tokens.reduce(1) { $0 + $1.utf8.count }
    var size = 16
    while size < 2 * most { size *= 2 }
    first = [Int32](repeating: -1, count: 256)
    keys = [UInt64](repeating: .max, count: size)
    values = [Int32](repeating: -1, count: size)
    mask = size - 1
    for (id, token) in tokens.enumerated() where !token.isEmpty {
      var node: Int32 = 0
      for byte in token.utf8 { node = child(node, byte) }
      ids[Int(node)] = Int32(id)
    }
  }

  @inline(__always)
  private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
  }

  @inline(__always)
  private func place(_ key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: key &* 0x9E37_79B9_7F4A_7C15 >> 20) & mask
    while keys[slot] != key, keys[slot] != .max { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func child(_ node: Int32, _ byte: UInt8) -> Int32 {
    if let known = step(node, byte) { return known }
    let new = Int32(ids.count)
    ids.append(-1)
    if node == 0 {
      first[Int(byte)] = new
    } else {
      let key = Self.key(node, byte), slot = place(key)
      keys[slot] = key
      values[slot] = new
    }
    return new
  }

  /// The node after one more byte, or nil.
  @inline(__always)
  func step(_ node: Int32, _ byte: UInt8) -> Int32? {
    let next = node == 0 ? first[Int(byte)] : values[place(Self.key(node, byte))]
    return next < 0 ? nil : next
  }

  /// The id of the token that ends at a node.
  @inline(__always)
  func id(_ node: Int32) -> Int32? { ids[Int(node)] < 0 ? nil : ids[Int(node)] }
}
