/// Numbers by short byte strings: an open-addressing table over one block of bytes.
struct ByteTable: Sendable {
  private var arena: [UInt8] = []
  private var starts: [Int] = [0]
  private var values: [Int32] = []
  private var slots: [Int32]  // index of an entry and 1, or 0
  private var mask: Int

  /// An empty table with room for so many entries.
  init(capacity: Int = 8) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [Int32](repeating: 0, count: size)
    mask = size - 1
    starts.reserveCapacity(capacity + 1)
    values.reserveCapacity(capacity)
  }

  /// How many entries there are.
  var count: Int { values.count }
  /// Bytes of all keys together.
  var keyBytes: Int { arena.count }

  @inline(__always)
  private static func hash(_ key: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    var h = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    var i = 0
    let raw = UnsafeRawPointer(key)
    while i + 8 <= count {
      h = (h ^ raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
      h ^= h >> 32
      i += 8
    }
    var rest: UInt64 = 0
    while i < count {
      rest = rest << 8 | UInt64(key[i])
      i += 1
    }
    h = (h ^ rest) &* 0xC4CE_B9FE_1A85_EC53
    return h ^ h >> 29
  }

  @inline(__always)
  private func place(_ key: UnsafePointer<UInt8>, _ count: Int) -> (slot: Int, entry: Int) {
    var slot = Int(truncatingIfNeeded: Self.hash(key, count)) & mask
    return arena.withUnsafeBufferPointer { arena in
      while true {
        let entry = Int(slots[slot]) - 1
        if entry < 0 { return (slot, -1) }
        let start = starts[entry]
        if starts[entry + 1] - start == count {
          var k = 0
          while k < count, arena[start + k] == key[k] { k += 1 }
          if k == count { return (slot, entry) }
        }
        slot = (slot + 1) & mask
      }
    }
  }

  /// The number of a key, or nil.
  @inline(__always)
  func find(_ key: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    let entry = place(key, count).entry
    return entry < 0 ? nil : values[entry]
  }

  /// The number of a key, or nil.
  func find(_ key: [UInt8]) -> Int32? {
    key.withUnsafeBufferPointer { key in
      guard let base = key.baseAddress else { return withUnsafePointer(to: UInt8(0)) { find($0, 0) } }
      return find(base, key.count)
    }
  }

  /// Sets the number of a key.
  mutating func set(_ key: UnsafePointer<UInt8>, _ count: Int, _ value: Int32) {
    let (slot, entry) = place(key, count)
    if entry >= 0 { return values[entry] = value }
    arena.append(contentsOf: UnsafeBufferPointer(start: key, count: count))
    starts.append(arena.count)
    values.append(value)
    slots[slot] = Int32(values.count)
    if 2 * values.count > slots.count { grow() }
  }

  /// Sets the number of a key.
  mutating func set(_ key: [UInt8], _ value: Int32) {
    key.withUnsafeBufferPointer { key in
      guard let base = key.baseAddress else {
        return withUnsafePointer(to: UInt8(0)) { set($0, 0, value) }
      }
      set(base, key.count, value)
    }
  }

  private mutating func grow() {
    mask = 2 * slots.count - 1
    slots = [Int32](repeating: 0, count: mask + 1)
    for entry in values.indices {
      var slot = arena.withUnsafeBufferPointer { arena -> Int in
        let start = starts[entry], count = starts[entry + 1] - start
        guard let base = arena.baseAddress else {
          return withUnsafePointer(to: UInt8(0)) { Int(truncatingIfNeeded: Self.hash($0, 0)) & mask }
        }
        return Int(truncatingIfNeeded: Self.hash(base + start, count)) & mask
      }
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(entry + 1)
    }
  }
}
