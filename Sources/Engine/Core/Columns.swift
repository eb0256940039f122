/// Columns of an axis that belong together: one range, or ranges of one length at equal steps, as one projection's heads
/// have them where q, k and v are interleaved by head.
public struct Columns: Sendable, Equatable, CustomStringConvertible {
  /// The first column.
  public let first: Int
  /// Columns of one range.
  public let width: Int
  /// How many ranges there are.
  public let blocks: Int
  /// From the beginning of one range to that of the next.
  public let stride: Int

  /// One range.
  public init(_ range: Range<Int>) {
    (first, width, blocks, stride) = (range.lowerBound, range.count, 1, range.count)
  }

  /// `blocks` ranges of `width` columns, each `stride` after the last.
  public init(first: Int, width: Int, blocks: Int, stride: Int) {
    (self.first, self.width, self.blocks, self.stride) = (first, width, blocks, stride)
  }

  /// How many columns there are.
  public var count: Int { blocks * width }

  /// The columns as one range; nil where they stand apart.
  public var range: Range<Int>? { blocks == 1 || stride == width ? first..<first + count : nil }

  /// Every column, in order.
  public var indices: [Int] {
    (0..<blocks).flatMap { block in (0..<width).map { first + block * stride + $0 } }
  }

  /// `0 to 63`, or `0 to 15 of every 48`.
  public var description: String {
    if let range { return "\(range.lowerBound) to \(range.upperBound - 1)" }
    return "\(first) to \(first + width - 1) of every \(stride)"
  }

  /// How many blocks an axis of so many columns has, and how many columns each.
  fileprivate func grid(_ count: Int, _ op: String) throws -> (blocks: Int, stride: Int) {
    if let range, range.lowerBound >= 0, range.upperBound <= count { return (1, count) }
    guard range == nil, first >= 0, first + width <= stride, blocks * stride == count else {
      throw EngineError.shapes(op: op, "\(blocks) ranges of \(width) columns are not inside \(count)")
    }
    return (blocks, stride)
  }
}

extension Tensor {
  /// Some columns of one axis; one range of the first axis shares memory.
  public func slice(axis: Int, _ columns: Columns) throws -> Tensor {
    if let range = columns.range { return try slice(axis: axis, range) }
    let (blocks, stride) = try columns.grid(axis < shape.count ? shape[axis] : 0, "slice")
    let part = try blocked(axis, blocks, stride).slice(axis: 2, columns.first..<columns.first + columns.width)
    return try part.reshaped(shape.replacing(axis, with: columns.count))
  }

  /// The tensor with some columns of one axis in the place of its own.
  public func replacing(axis: Int, _ columns: Columns, with part: Tensor) throws -> Tensor {
    guard (0..<shape.count).contains(axis), part.shape == shape.replacing(axis, with: columns.count) else {
      throw EngineError.shapes(op: "replace", "\(part.shape) are not \(columns.count) columns of \(shape)")
    }
    let (blocks, stride) = try columns.grid(shape[axis], "replace")
    let all = try blocked(axis, blocks, stride), end = columns.first + part.shape[axis] / blocks
    let pieces = [
      try all.slice(axis: 2, 0..<columns.first), try part.blocked(axis, blocks, end - columns.first),
      try all.slice(axis: 2, end..<stride),
    ]
    return try Tensor.concat(pieces, axis: 2).reshaped(shape)
  }

  /// Parts that together are all columns of an axis, in their places.
  public static func joined(_ parts: [Tensor], at columns: [Columns], axis: Int) throws -> Tensor {
    guard let first = parts.first, let blocks = columns.first(where: { $0.range == nil })?.blocks else {
      return try concat(parts, axis: axis)
    }
    let pieces = try Swift.zip(parts, columns).map { try $0.blocked(axis, blocks, $1.width) }
    let count = parts.reduce(0) { $0 + $1.shape[axis] }
    return try concat(pieces, axis: 2).reshaped(first.shape.replacing(axis, with: count))
  }

  /// [outer, blocks, stride, inner] around an axis of blocks · stride.
  private func blocked(_ axis: Int, _ blocks: Int, _ stride: Int) throws -> Tensor {
    let outer = shape[..<axis].reduce(1, *), inner = shape[(axis + 1)...].reduce(1, *)
    return try reshaped([outer, blocks, stride, inner])
  }
}

extension [Int] {
  fileprivate func replacing(_ axis: Int, with count: Int) -> [Int] {
    var copy = self
    copy[axis] = count
    return copy
  }
}
