import Synchronization

/// One thread's part of a job: a run of neighbouring chunks, of which it takes the first and others the last.
struct Share: ~Copyable {
  /// generation << 32 | end << 16 | next; a generation of its own tells a job from an earlier one with the same chunks.
  private let state = Atomic<UInt64>(0)
  // Two cache lines to itself: neighbours are written by other threads.
  private let padding = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

  /// Opens chunks, fewer than 65 536, to be claimed.
  func open(_ chunks: Range<Int>, _ generation: UInt64) {
    let ends = UInt64(chunks.upperBound) << 16 | UInt64(chunks.lowerBound)
    state.store(generation << 32 | ends, ordering: .sequentiallyConsistent)
  }

  /// Whether chunks are left.
  var hasWork: Bool {
    let seen = state.load(ordering: .sequentiallyConsistent)
    return seen & 0xffff < seen >> 16 & 0xffff
  }

  /// Claims the first chunk.
  func first() -> Int? { claim { ($0 + 1, Int($0 & 0xffff)) } }

  /// Claims the last chunk.
  func last() -> Int? { claim { ($0 - (1 << 16), Int($0 >> 16 & 0xffff) - 1) } }

  @inline(__always)
  private func claim(_ step: (UInt64) -> (state: UInt64, chunk: Int)) -> Int? {
    while true {
      let seen = state.load(ordering: .acquiring)
      guard seen & 0xffff < seen >> 16 & 0xffff else { return nil }
      let (next, chunk) = step(seen)
      if state.compareExchange(expected: seen, desired: next, ordering: .acquiringAndReleasing).exchanged {
        return chunk
      }
    }
  }
}
