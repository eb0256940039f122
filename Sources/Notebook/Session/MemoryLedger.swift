import Engine

/// The memory that kept states hold alive: each block counts once, however many states share it.
struct MemoryLedger {
  private var blocks: [ObjectIdentifier: (bytes: Int, holders: Int)] = [:]
  /// Bytes of all blocks, and of the states' own lists.
  private(set) var bytes = 0

  /// Counts a state that is kept from now on.
  mutating func add(_ state: SessionState) {
    bytes += state.overhead
    state.visitStorages { storage in
      let known = blocks[ObjectIdentifier(storage)]
      if known == nil { bytes += storage.held }
      blocks[ObjectIdentifier(storage)] = (storage.held, (known?.holders ?? 0) + 1)
    }
  }

  /// Counts a state off that is let go.
  mutating func remove(_ state: SessionState) {
    bytes -= state.overhead
    state.visitStorages { storage in
      guard let known = blocks[ObjectIdentifier(storage)] else { return }
      if known.holders > 1 {
        blocks[ObjectIdentifier(storage)]?.holders -= 1
      } else {
        blocks[ObjectIdentifier(storage)] = nil
        bytes -= known.bytes
      }
    }
  }

  /// Whether a kept state holds blocks that no other kept state holds.
  func isAlone(_ state: SessionState) -> Bool {
    var times: [ObjectIdentifier: Int] = [:]
    state.visitStorages { times[ObjectIdentifier($0), default: 0] += 1 }
    return times.contains { id, count in blocks[id].map { $0.holders == count && $0.bytes > 0 } == true }
  }

  /// Bytes of a state's blocks: what the session itself holds while it stands there.
  static func bytes(of state: SessionState?) -> Int {
    guard let state else { return 0 }
    var seen: Set<ObjectIdentifier> = [], bytes = 0
    state.visitStorages { if seen.insert(ObjectIdentifier($0)).inserted { bytes += $0.held } }
    return bytes
  }
}
