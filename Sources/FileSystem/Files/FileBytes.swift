#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file, unchangeable, either held in memory (aligned to 64 bytes) or mapped from the disk.
///
/// They live as long as this object: whoever keeps a pointer into them keeps the object. A mapped file that
/// another program cuts short while it is in use ends this one (the system's SIGBUS); files that are replaced
/// by renaming, as all careful programs do, are safe.
public final class FileBytes: @unchecked Sendable {  // nothing changes after init, so any thread may read
  private let storage: UnsafeRawBufferPointer
  /// Whether they are mapped, and so cost no memory until they are used.
  public let isMapped: Bool

  /// A copy of some bytes.
  public init(_ bytes: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    copy.copyBytes(from: bytes)
    storage = UnsafeRawBufferPointer(copy)
    isMapped = false
  }

  /// Memory that this object shall free: it came from `allocate`.
  public init(owning memory: UnsafeMutableRawBufferPointer) {
    storage = UnsafeRawBufferPointer(memory)
    isMapped = false
  }

  /// A mapping that this object shall end.
  init(mapped memory: UnsafeMutableRawBufferPointer) {
    storage = UnsafeRawBufferPointer(memory)
    isMapped = true
  }

  deinit {
    if !isMapped { return storage.deallocate() }
    munmap(UnsafeMutableRawPointer(mutating: storage.baseAddress), storage.count)
  }

  /// How many bytes there are.
  public var count: Int { storage.count }

  /// Where the bytes begin, valid only while this object lives; nil where there are none.
  public var base: UnsafeRawPointer? { storage.baseAddress }

  /// Lends all bytes for the time of the call.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) { try body(storage) }
  }

  /// A copy of a part; what lies outside the file is left out.
  public func copy(_ range: Range<Int>) -> [UInt8] {
    withBytes { Array($0[range.clamped(to: 0..<$0.count)]) }
  }

  /// A copy of everything.
  public var array: [UInt8] { copy(0..<count) }
}
