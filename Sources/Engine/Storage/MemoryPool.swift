import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Blocks of memory in size classes, kept for the next taker.
///
/// Fresh pages cost more than small arithmetic, and a training step asks for the same sizes again and again.
/// Sizes are rounded up to four classes an octave (at most 25 % is lost); blocks are 64-byte aligned.
public final class MemoryPool: Sendable {
  /// The one that all tensors share.
  public static let shared = MemoryPool()

  private struct State: ~Copyable {
    var free: [[UInt]] = Array(repeating: [], count: 4 * Int.bitWidth)
    var kept = 0
    var live = 0
    var peak = 0
  }
  private let state = Mutex(State())

  /// Blocks not in use are given back to the system beyond this many bytes.
  private static let mostKept = 1 << 30

  /// The class of a size, and the bytes that its blocks hold.
  static func sizeClass(_ bytes: Int) -> (index: Int, bytes: Int) {
    let need = max(bytes, 64) - 1
    let octave = Int.bitWidth - 1 - need.leadingZeroBitCount  // need is in [2^octave, 2^(octave+1))
    let step = 1 << (octave - 2)
    let quarter = (need >> (octave - 2)) & 3
    return (octave * 4 + quarter, (4 + quarter + 1) * step)
  }

  /// A block of at least so many bytes, its contents undefined.
  func take(_ bytes: Int) -> UnsafeMutableRawPointer {
    let (index, size) = Self.sizeClass(bytes)
    let block = state.withLock { state -> UInt? in
      state.live += size
      state.peak = max(state.peak, state.live)
      guard let block = state.free[index].popLast() else { return nil }
      state.kept -= size
      return block
    }
    if let block, let known = UnsafeMutableRawPointer(bitPattern: block) { return known }
    guard let fresh = aligned_alloc(64, (size + 63) & ~63) else {
      fatalError("the system has no \(size) bytes left")  // as every allocation in Swift does
    }
    return fresh
  }

  /// Gives a block back; `bytes` is what it was taken with.
  func give(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
    let (index, size) = Self.sizeClass(bytes)
    let address = UInt(bitPattern: block)
    let isKept = state.withLock { state -> Bool in
      state.live -= size
      if state.kept + size > Self.mostKept { return false }
      state.kept += size
      state.free[index].append(address)
      return true
    }
    if !isKept { free(block) }
  }

  /// Bytes in use now, at the most since `resetPeak`, and kept for reuse.
  public var bytes: (live: Int, peak: Int, kept: Int) { state.withLock { ($0.live, $0.peak, $0.kept) } }

  /// Starts a new count of the most bytes in use.
  public func resetPeak() { state.withLock { $0.peak = $0.live } }
}
