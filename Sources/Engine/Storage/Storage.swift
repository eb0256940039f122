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

  /// Bytes of the memory that it keeps from others.
  public var held: Int {
    keeper == nil ? MemoryPool.sizeClass(count * format.size).bytes : count * format.size
  }

  /// Lets go of the forms derived from the numbers; they are made again where they are needed.
  public func dropDerived() { derived.withLock { $0 = [:] } }

  /// Bytes of the numbers and of every form derived from them.
  public var bytes: Int { count * format.size + derived.withLock { $0.values.reduce(0) { $0 + $1.bytes } } }

  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  var halves: UnsafeMutablePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// Gives `count` numbers from `offset` on as float32, alive until `body` returns: in place, or unpacked.
  func withFloats<R>(_ offset: Int, _ count: Int, _ body: (UnsafePointer<Float>) throws -> R) rethrows -> R {
    if format == .f32 { return try withExtendedLifetime(self) { try body(UnsafePointer(floats + offset)) } }
    let out = Storage(count)
    switch format {
    case .bf16: ck_bf16_to_f32(count, halves + offset, out.floats)
    case .f16: ck_f16_to_f32(count, halves + offset, out.floats)
    case .f32: break
    }
    return try withExtendedLifetime(out) { try body(UnsafePointer(out.floats)) }
  }

  /// A form of a matrix [rows, columns] that is kept beside its numbers, which start at `offset`.
  struct Form: Hashable {
    enum Kind { case transposed, turnedPanels }
    let kind: Kind
    let offset, rows, columns: Int
  }

  /// The form asked for: made once from the matrix's numbers, and kept.
  func form(_ form: Form, _ make: (UnsafePointer<Float>) -> Storage) -> Storage {
    if let known = derived.withLock({ $0[form] }) { return known }
    let made = withFloats(form.offset, form.rows * form.columns, make)
    derived.withLock { $0[form] = made }
    return made
  }

  /// The matrix [rows, columns] that starts at `offset`, transposed.
  func transposed(offset: Int, rows: Int, columns: Int) -> Storage {
    form(Form(kind: .transposed, offset: offset, rows: rows, columns: columns)) { matrix in
      let out = Storage(rows * columns)
      ck_transpose(rows, columns, matrix, columns, out.floats, rows)
      return out
    }
  }
}
