import CKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An array of float32 numbers with a shape, row-major.
///
/// Values are immutable once made; tensors share memory freely, so a kept tensor is an exact snapshot. A tensor
/// that came from something on a tape carries its place there, and ops on it are recorded by themselves.
public struct Tensor {
  /// Sizes by axis; a scalar has none.
  public let shape: [Int]
  /// How many numbers there are.
  public let count: Int
  /// The memory they live in.
  public let storage: Storage
  let offset: Int
  let origin: Origin?

  init(shape: [Int], storage: Storage, offset: Int = 0, origin: Origin? = nil) {
    self.shape = shape
    self.count = shape.reduce(1, *)
    self.storage = storage
    self.offset = offset
    self.origin = origin
  }

  /// A tensor over existing memory; throws when the memory is too short for the shape.
  public init(_ shape: [Int], in storage: Storage, offset: Int = 0) throws {
    guard let count = Self.count(of: shape), (0...storage.count).contains(offset),
      count <= storage.count - offset
    else {
      let message = "shape \(shape) at \(offset) does not fit into \(storage.count) numbers"
      throw EngineError.shapes(op: "tensor", message)
    }
    self.init(shape: shape, storage: storage, offset: offset)
  }

  /// How many numbers a shape holds; nil where an axis is negative or no machine could hold so many.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for axis in shape where axis != 0 {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: axis)
      guard axis > 0, !isTooLarge, product < 1 << 48 else { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// A new tensor whose numbers `fill` writes; all of them must be written.
  static func make(_ shape: [Int], _ fill: (UnsafeMutablePointer<Float>) -> Void) -> Tensor {
    let storage = Storage(shape.reduce(1, *))
    fill(storage.floats)
    return Tensor(shape: shape, storage: storage)
  }

  /// A tensor of the numbers given, row by row; throws when their count does not fit the shape.
  public init(_ shape: [Int], _ values: [Float]) throws {
    guard Self.count(of: shape) == values.count else {
      throw EngineError.shapes(op: "tensor", "shape \(shape) does not hold \(values.count) numbers")
    }
    self = Tensor.make(shape) { out in
      values.withUnsafeBufferPointer { values in
        if let from = values.baseAddress { out.update(from: from, count: values.count) }
      }
    }
  }

  /// One number, without axes.
  public init(_ value: Float) { self = Tensor.make([]) { $0[0] = value } }

  /// The same number everywhere.
  public static func filled(_ shape: [Int], _ value: Float) -> Tensor {
    make(shape) { out in
      Threads.shared.ranges(shape.reduce(1, *), grain: 4 * elementGrain) { part in
        (out + part.lowerBound).update(repeating: value, count: part.count)
      }
    }
  }

  /// Zeros.
  public static func zeros(_ shape: [Int]) -> Tensor { filled(shape, 0) }

  /// Whether ops on this tensor are recorded.
  public var isTracked: Bool { origin?.core.isOpen ?? false }

  /// The same numbers, off the tape.
  public var plain: Tensor { Tensor(shape: shape, storage: storage, offset: offset) }

  /// The last axis; 1 for a scalar.
  public var width: Int { shape.last ?? 1 }

  /// How many rows of `width` numbers there are; rows without numbers count too.
  public var rows: Int { width == 0 ? shape.dropLast().reduce(1, *) : count / width }

  /// Gives the numbers as contiguous float32, alive until `body` returns.
  public func read<R>(_ body: (UnsafePointer<Float>) throws -> R) rethrows -> R {
    try storage.withFloats(offset, count, body)
  }

  /// All numbers, row by row.
  public var scalars: [Float] { read { Array(UnsafeBufferPointer(start: $0, count: count)) } }

  /// The number of a tensor of one; NaN if there are more or none.
  public var item: Float { count == 1 ? read { $0[0] } : .nan }

  /// A copy of its own, written as asked; ops unpack it where they use it. Four bits need to be told how
  /// (`packed(as: FourBit.Form)`): asked for by name alone, they give float32.
  public func packed(as format: Storage.Format) -> Tensor {
    let format = format == .fourBit ? .f32 : format
    guard format != storage.format else { return plain }
    let out = Storage(count, format: format)
    read { x in
      switch format {
      case .f32, .fourBit: out.floats.update(from: x, count: count)
      case .bf16: ck_f32_to_bf16(count, x, out.halves)
      case .f16: ck_f32_to_f16(count, x, out.halves)
      }
    }
    return Tensor(shape: shape, storage: out)
  }

  /// Whether no number is NaN or infinite.
  public var isFinite: Bool { read { ck_all_finite(count, $0) != 0 } }

  /// A 64-bit hash of the numbers and the shape, chained by `seed`: equal tensors, equal hash.
  public func hash(_ seed: UInt64 = 0) -> UInt64 {
    let sizes = shape.map { Int64($0) }
    let start = sizes.withUnsafeBytes { ck_hash($0.count, $0.baseAddress, seed) }
    return read { ck_hash(count * 4, $0, start) }
  }

  /// The square root of the sum of squares.
  public var norm: Float { Float(sumOfSquares.squareRoot()) }

  /// The sum of squares: blocks of fixed size, added up in order.
  public var sumOfSquares: Double {
    let grain = 4 * elementGrain, blocks = (count + grain - 1) / grain
    guard blocks > 1 else { return read { ck_sum_squares(count, $0) } }
    return read { x in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { sums in
        Threads.shared.run(blocks) { i in
          sums[i] = ck_sum_squares(min(grain, count - i * grain), x + i * grain)
        }
        return sums.reduce(0, +)
      }
    }
  }

  /// Whether two tensors have the same shape and the same bits; stops at the first that differ.
  public func isIdentical(to other: Tensor) -> Bool {
    shape == other.shape && read { a in other.read { b in memcmp(a, b, count * 4) == 0 } }
  }

  /// Whether two tensors are the very same memory: equal without looking at a number.
  public func sharesNumbers(with other: Tensor) -> Bool {
    shape == other.shape && storage === other.storage && offset == other.offset
  }

  /// The largest absolute difference of two tensors of one shape; exactly 0 when they are equal.
  public func largestDifference(from other: Tensor) throws -> Float {
    guard shape == other.shape else {
      throw EngineError.shapes(op: "difference", "shapes \(shape) and \(other.shape) differ")
    }
    return read { a in
      other.read { b in
        // Bits of numbers without sign are ordered as the numbers are, and NaN wins; this loop is vectorised.
        var most: UInt32 = 0
        for i in 0..<count { most = max(most, (a[i] - b[i]).bitPattern & 0x7fff_ffff) }
        return Float(bitPattern: most)
      }
    }
  }
}
