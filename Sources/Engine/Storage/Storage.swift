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
  private let derived = Mutex<[Form: Storage]>([:])

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

  /// A form of the numbers that is kept beside them; the matrix it was made of starts at the offset.
  enum Form: Hashable {
    case transposed(Int)
    case turnedPanels(Int)
  }

  /// The form asked for, of so many numbers: made once from the unpacked numbers, and kept.
  func form(_ form: Form, count: Int, _ make: (Storage) -> Storage) -> Storage {
    if let known = derived.withLock({ $0[form] }), known.count == count { return known }
    let source = unpacked()
    let made = withExtendedLifetime(source) { make(source) }
    derived.withLock { $0[form] = made }
    return made
  }

  /// The matrix [rows, columns] that starts at `offset`, transposed.
  func transposed(offset: Int, rows: Int, columns: Int) -> Storage {
    form(.transposed(offset), count: rows * columns) { source in
      let out = Storage(rows * columns)
      ck_transpose(rows, columns, source.floats + offset, columns, out.floats, rows)
      return out
    }
  }
}
