/// A plain array with a shape, row-major: what references compute on, as slowly and as plainly as can be.
public struct ReferenceArray<T: BinaryFloatingPoint & Sendable>: Sendable {
  /// Sizes by axis; a scalar has none.
  public var shape: [Int]
  /// The numbers, row by row.
  public var values: [T]

  /// An array of the numbers given; their count must be the shape's.
  @specialized(where T == Double)
  public init(_ shape: [Int], _ values: [T]) {
    precondition(shape.reduce(1, *) == values.count, "a shape of \(shape) for \(values.count) numbers")
    self.shape = shape
    self.values = values
  }

  /// One number, without axes.
  @specialized(where T == Double)
  public init(_ value: T) { self.init([], [value]) }

  /// An array whose number at each index is computed.
  @specialized(where T == Double)
  public init(_ shape: [Int], _ value: ([Int]) -> T) {
    let n = shape.reduce(1, *)
    var index = [Int](repeating: 0, count: shape.count), values: [T] = []
    values.reserveCapacity(n)
    for _ in 0..<n {
      values.append(value(index))
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    self.init(shape, values)
  }

  /// How many numbers there are.
  public var count: Int { values.count }

  /// The last axis; 1 for a scalar.
  public var width: Int { shape.last ?? 1 }

  /// How many rows of `width` numbers there are.
  public var rows: Int { shape.dropLast().reduce(1, *) }

  /// The number at an index, one place an axis.
  public subscript(_ index: [Int]) -> T {
    var at = 0
    for (place, size) in zip(index, shape) { at = at * size + place }
    return values[at]
  }

  /// The number in row i (all axes before the last as one) and column j.
  public subscript(_ i: Int, _ j: Int) -> T { values[i * width + j] }

  /// The same numbers in another precision.
  public func converted<S: BinaryFloatingPoint & Sendable>(to: S.Type) -> ReferenceArray<S> {
    ReferenceArray<S>(shape, values.map { S($0) })
  }

  /// Numbers drawn evenly from a range: the same ones for the same seed, on every machine.
  @specialized(where T == Double)
  public static func drawn(_ shape: [Int], _ range: ClosedRange<T>, seed: UInt64) -> ReferenceArray {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678
    return ReferenceArray(shape) { _ in
      // Steele, Lea & Flood 2014: SplitMix64.
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      z ^= z >> 31
      let unit = T(Double(z >> 40) * 0x1p-24)
      return range.lowerBound + (range.upperBound - range.lowerBound) * unit
    }
  }
}
