#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Addresses without memory: whoever reads them finds zeros, which the system makes up and does not keep.
private final class BlankPages: Sendable {
  let start: UInt
  let bytes: Int

  init?(_ bytes: Int) {
    let quiet = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
    guard let start = mmap(nil, bytes, PROT_READ, quiet, -1, 0), start != MAP_FAILED else { return nil }
    (self.start, self.bytes) = (UInt(bitPattern: start), bytes)
  }

  deinit { munmap(UnsafeMutableRawPointer(bitPattern: start), bytes) }
}

extension Storage {
  /// Whether it has only a size: its numbers read as zeros and take no memory.
  public var isBlank: Bool { keeper is BlankPages }
}

extension Tensor {
  /// A tensor that has a shape and no memory, for counting and for looking at shapes; it reads as zeros.
  public static func blank(_ shape: [Int]) throws -> Tensor {
    guard let count = count(of: shape), let pages = BlankPages(max(1, count * MemoryLayout<Float>.stride)),
      let start = UnsafeRawPointer(bitPattern: pages.start)
    else { throw EngineError.shapes(op: "blank", "no room for the addresses of \(shape)") }
    return try Tensor(shape, in: Storage(count, format: .f32, at: start, keeper: pages))
  }
}
