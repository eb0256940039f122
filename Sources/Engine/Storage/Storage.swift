import CKernels
import Synchronization

/// Memory that holds the numbers of one or several tensors.
///
/// It is owned (from the pool), or belongs to somebody who keeps it alive (a mapped file). Numbers are float32,
/// or packed: bf16 takes half the memory, four bits an eighth, and both are unpacked where they are used, for that
/// time alone. Never written once its maker is done, so forms derived from float32 (the transposed matrix) can stay
/// beside it for as long as it lives.
public final class Storage: @unchecked Sendable {
  /// How the numbers are written in memory.
  public enum Format: String, Sendable, CaseIterable {
    case f32, bf16, f16
    /// Codes with a scale a block: `Storage.packing` says how.
    case fourBit

    /// Bits a number takes; the scales of blocks come on top.
    public var bits: Int {
      switch self {
      case .f32: return 32
      case .bf16, .f16: return 16
      case .fourBit: return 4
      }
    }

    /// Bytes that so many numbers take.
    public func bytes(_ count: Int) -> Int { (count * bits + 7) / 8 }
  }

  /// How the numbers are written.
  public let format: Format
  /// How many numbers there are.
  public let count: Int
  /// Code, blocks and scales of numbers in four bits.
  public let packing: FourBit?
  let base: UnsafeMutableRawPointer
  let keeper: AnyObject?
  private let derived = Mutex<[Form: Storage]>([:])
  private let share: Profile.Share?

  /// Memory from the pool, its contents undefined.
  init(_ count: Int, format: Format = .f32) {
    self.count = count
    self.format = format
    let bytes = format.bytes(count)
    base = MemoryPool.shared.take(bytes)
    share = Profile.current?.took(bytes)
    packing = nil
    keeper = nil
  }

  /// Memory for so many codes of four bits.
  static func codes(_ count: Int) -> Storage { Storage(count, format: .fourBit) }

  /// Numbers packed in four bits: whoever holds the codes is kept alive.
  init(_ count: Int, codes: Storage, _ packing: FourBit) {
    self.count = count
    self.format = .fourBit
    self.packing = packing
    base = codes.base
    keeper = codes
    share = nil
  }

  /// Somebody else's memory, which `keeper` keeps alive: a mapped file.
  public init(_ count: Int, format: Format, at base: UnsafeRawPointer, keeper: AnyObject) {
    self.count = count
    self.format = format
    self.base = UnsafeMutableRawPointer(mutating: base)
    self.keeper = keeper
    packing = nil
    share = nil
  }

  deinit {
    guard keeper == nil else { return }
    share?.gave(format.bytes(count))
    MemoryPool.shared.give(base, format.bytes(count))
  }

  /// Bytes of the memory that it keeps from others.
  public var held: Int {
    if let packing { return MemoryPool.sizeClass(format.bytes(count)).bytes + packing.scales.bytes }
    return keeper == nil ? MemoryPool.sizeClass(format.bytes(count)).bytes : format.bytes(count)
  }

  /// Bytes of the numbers themselves, scales of blocks included.
  public var numberBytes: Int { format.bytes(count) + (packing?.scales.bytes ?? 0) }

  /// Lets go of the forms derived from the numbers; they are made again where they are needed.
  public func dropDerived() { derived.withLock { $0 = [:] } }

  /// Bytes of the numbers and of every form derived from them.
  public var bytes: Int { numberBytes + derived.withLock { $0.values.reduce(0) { $0 + $1.bytes } } }

  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  var halves: UnsafeMutablePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// Gives `count` numbers from `offset` on as float32, alive until `body` returns: in place, or unpacked.
  func withFloats<R>(_ offset: Int, _ count: Int, _ body: (UnsafePointer<Float>) throws -> R) rethrows -> R {
    if format == .f32 { return try withExtendedLifetime(self) { try body(UnsafePointer(floats + offset)) } }
    // Numbers in blocks are unpacked from the beginning of a block.
    let ahead = packing.map { offset % $0.form.block } ?? 0
    let out = Storage(ahead + count)
    if format == .fourBit {
      unpackCodes(offset - ahead, ahead + count, into: out.floats)
    } else {
      unpack(offset, count, into: out.floats)
    }
    return try withExtendedLifetime(out) { try body(UnsafePointer(out.floats + ahead)) }
  }

  /// Unpacks `count` numbers from `start`, which is the beginning of a block where numbers are in blocks, on the thread
  /// that asks. The caller keeps the storage.
  func unpack(_ start: Int, _ count: Int, into out: UnsafeMutablePointer<Float>) {
    switch format {
    case .bf16: ck_bf16_to_f32(count, halves + start, out)
    case .f16: ck_f16_to_f32(count, halves + start, out)
    case .fourBit:
      guard let packing, count > 0 else { return }
      let block = packing.form.block, first = start / block
      packing.unpack(
        UnsafePointer(base.assumingMemoryBound(to: UInt8.self)), first..<first + (count + block - 1) / block,
        count, into: out)
    case .f32: out.update(from: floats + start, count: count)
    }
  }

  /// Unpacks `count` numbers from the block that begins at `start`, all threads together.
  private func unpackCodes(_ start: Int, _ count: Int, into out: UnsafeMutablePointer<Float>) {
    guard let block = packing?.form.block, count > 0 else { return }
    withExtendedLifetime(self) {
      Threads.shared.ranges((count + block - 1) / block, grain: max(1, elementGrain / block)) { part in
        let at = part.lowerBound * block
        unpack(start + at, min(count, part.upperBound * block) - at, into: out + at)
      }
    }
  }

  /// A form of a matrix [rows, columns] that is kept beside its numbers, which start at `offset`.
  struct Form: Hashable {
    enum Kind { case transposed, turnedPanels, halves, turnedHalves }
    let kind: Kind
    let offset, rows, columns: Int
  }

  /// The form asked for, where it was made before.
  func known(_ form: Form) -> Storage? { derived.withLock { $0[form] } }

  /// The form asked for: made once from the matrix's numbers, and kept.
  func form(_ form: Form, _ make: (UnsafePointer<Float>) -> Storage) -> Storage {
    if let known = known(form) { return known }
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
