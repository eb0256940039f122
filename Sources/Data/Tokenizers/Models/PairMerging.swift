/// Joins the neighbours of lowest rank, leftmost first, until no merge applies.
enum PairMerging {
  /// For few symbols: the lowest rank is looked for anew each time.
  static func short(_ work: inout EncodingWork, _ joins: PairTable) {
    let count = work.symbols.count
    guard count > 1 else { return }
    if work.ranks.count < count { work.ranks = [UInt64](repeating: .max, count: 64) }
    var left = count
    work.symbols.withUnsafeMutableBufferPointer { symbols in
      work.ranks.withUnsafeMutableBufferPointer { ranks in
        for i in 0..<count - 1 { ranks[i] = joins.find(symbols[i], symbols[i + 1]) }
        while left > 1 {
          var best = UInt64.max, place = -1
          for i in 0..<left - 1 where ranks[i] < best { (best, place) = (ranks[i], i) }
          guard place >= 0 else { return }
          symbols[place] = Int32(truncatingIfNeeded: best)
          left -= 1
          for i in place + 1..<max(left, place + 1) {
            symbols[i] = symbols[i + 1]
            ranks[i] = ranks[i + 1]
          }
          if place > 0 { ranks[place - 1] = joins.find(symbols[place - 1], symbols[place]) }
          ranks[place] = place + 1 < left ? joins.find(symbols[place], symbols[place + 1]) : .max
        }
      }
    }
    work.symbols.removeLast(count - left)
  }

  /// For many: a linked list and a heap of candidates (rank in the high half, place in the low), n·log n.
  static func long(_ symbols: inout [Int32], _ joins: PairTable) {
    let end = symbols.count
    guard end > 1 else { return }
    var next = Array(1...end), before = Array(-1..<end - 1)
    var heap = MinimumHeap<UInt64>()
    func join(at i: Int) -> UInt64 {
      i >= 0 && next[i] < end ? joins.find(symbols[i], symbols[next[i]]) : .max
    }
    for i in symbols.indices {
      let found = join(at: i)
      if found != .max { heap.insert(Pair.key(Int(found >> 32), i)) }
    }
    while let candidate = heap.removeFirst() {
      let i = Int(candidate & 0xFFFF_FFFF)
      // A candidate is stale when its place was joined away or has another neighbour by now.
      guard symbols[i] >= 0 else { continue }
      let found = join(at: i)
      guard found != .max, found >> 32 == candidate >> 32 else { continue }
      symbols[i] = Int32(truncatingIfNeeded: found)
      symbols[next[i]] = -1
      next[i] = next[next[i]]
      if next[i] < end { before[next[i]] = i }
      for place in [before[i], i] {
        let found = join(at: place)
        if found != .max { heap.insert(Pair.key(Int(found >> 32), place)) }
      }
    }
    symbols.removeAll { $0 < 0 }
  }
}
