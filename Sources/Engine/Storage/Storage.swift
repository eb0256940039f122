import CKernels
import Synchronization

/// Memory that holds the numbers of one or several tensors.
///
/// It is owned (from the pool), or belongs to somebody who keeps it alive (a mapped file). Numbers are float32,
/// or packed: bf16 takes half the memory and is unpacked where it is used. Never written once its maker is done,
/// so forms derived from it (the transposed matrix) can stay beside it for as long as it lives.
public final class Storage: @unchecked Sendable {
  /// How the numbers are written in memory.
  public enum Format: String, Sendable, CaseIterable {
    case f32, bf16, f16

    /// Bytes a number takes.
    public var size: Int { self == .f32 ? 4 : 2 }
  }

  /// How the numbers are written.
  public let format: Format
  /// How many numbers there are.
  public let count: Int
  let base: UnsafeMutableRawPointer
  private let keeper: AnyObject?
  private let derived = Mutex<[Int: Storage]>([:])

  /// Memory from the pool, its contents undefined.
  init(_ count: Int, format: Format = .f32) {
    self.count = count
    self.format = format
    base = MemoryPool.shared.take(count * format.size)
    keeper = nil
  }

  /// Somebody else's memory, which `keeper` keeps alive: a mapped file.
  public init(_ count: Int, format: Format, at base: UnsafeRawPointer, keeper: AnyObject) {
    self.count = count
    self.format = format
    self.base = UnsafeMutableRawPointer(mutating: base)
    self.keeper = keeper
  }

  deinit { if keeper == nil { MemoryPool.shared.give(base, count * format.size) } }

  /// Bytes that the numbers take of this process's memory: 0 where they are somebody else's (a mapped file).
  public var held: Int { keeper == nil ? MemoryPool.sizeClass(count * format.size).bytes : 0 }

  /// Lets go of the forms derived from the numbers; they are made again where they are needed.
  public func dropDerived() { derived.withLock { $0 = [:] } }

  /// Bytes of the numbers and of every form derived from them.
  public var bytes: Int { count * format.size + derived.withLock { $0.values.reduce(0) { $0 + $1.bytes } } }

  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  var halves: UnsafeMutablePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// The numbers as float32: itself, or a fresh copy unpacked.
  func unpacked() -> Storage {
    guard format != .f32 else { return self }
    let out = Storage(count)
    switch format {
    case .bf16: ck_bf16_to_f32(count, halves, out.floats)
    case .f16: ck_f16_to_f32(count, halves, out.floats)
    case .f32: break
    }
    return out
  }

  /// The matrix [rows, columns] that starts at `offset`, transposed, made once and kept.
  func transposed(offset: Int, rows: Int, columns: Int) -> Storage {
    let key = offset
    if let known = derived.withLock({ $0[key] }), known.count == rows * columns { return known }
    let source = unpacked()
    let out = Storage(rows * columns)
    withExtendedLifetime(source) {
      ck_transpose(rows, columns, source.floats + offset, columns, out.floats, rows)
    }
    derived.withLock { $0[key] = out }
    return out
  }
}
