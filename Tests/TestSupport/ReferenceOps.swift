/// Elementwise operations, reductions and moves, each as its definition says.
extension ReferenceArray {
  /// f of every number.
  @specialized(where T == Double)
  public func map(_ f: (T) -> T) -> ReferenceArray { ReferenceArray(shape, values.map(f)) }

  /// f of two arrays' numbers; trailing axes are aligned, and an axis of size 1 is repeated.
  @specialized(where T == Double)
  public func paired(_ other: ReferenceArray, _ f: (T, T) -> T) -> ReferenceArray {
    let rank = max(shape.count, other.shape.count)
    func padded(_ shape: [Int]) -> [Int] { Array(repeating: 1, count: rank - shape.count) + shape }
    let a = ReferenceArray(padded(shape), values), b = ReferenceArray(padded(other.shape), other.values)
    let out = (0..<rank).map { max(a.shape[$0], b.shape[$0]) }
    return ReferenceArray(out) { index in
      let left = index.indices.map { a.shape[$0] == 1 ? 0 : index[$0] }
      let right = index.indices.map { b.shape[$0] == 1 ? 0 : index[$0] }
      return f(a[left], b[right])
    }
  }

  /// The sum over some axes (all, if none are given), which stay with size 1 when `keep` is set.
  @specialized(where T == Double)
  public func sum(axes: [Int]? = nil, keep: Bool = false) -> ReferenceArray {
    let rank = shape.count
    let gone = Set((axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 })
    let kept = ReferenceArray((0..<rank).map { gone.contains($0) ? 1 : shape[$0] }, { _ in 0 })
    var total = kept.values
    for (i, index) in indices.enumerated() {
      var at = 0
      for axis in 0..<rank { at = at * kept.shape[axis] + (gone.contains(axis) ? 0 : index[axis]) }
      total[at] += values[i]
    }
    return ReferenceArray(
      keep ? kept.shape : (0..<rank).filter { !gone.contains($0) }.map { shape[$0] }, total)
  }

  /// The mean over some axes.
  @specialized(where T == Double)
  public func mean(axes: [Int]? = nil, keep: Bool = false) -> ReferenceArray {
    let sums = sum(axes: axes, keep: keep)
    let each = T(count) / T(max(sums.count, 1))
    return sums.map { $0 / each }
  }

  /// f of every row of the last axis.
  @specialized(where T == Double)
  public func mapRows(_ f: ([T]) -> [T]) -> ReferenceArray {
    ReferenceArray(shape, (0..<rows).flatMap { f(Array(values[$0 * width..<($0 + 1) * width])) })
  }

  /// Softmax over the last axis.
  @specialized(where T == Double)
  public func softmax() -> ReferenceArray { logSoftmax().map { ReferenceFunctions.exp($0) } }

  /// The logarithm of the softmax over the last axis.
  @specialized(where T == Double)
  public func logSoftmax() -> ReferenceArray {
    mapRows { row in
      let most = row.max() ?? 0
      let total = row.reduce(T(0)) { $0 + ReferenceFunctions.exp($1 - most) }
      return row.map { $0 - most - ReferenceFunctions.log(total) }
    }
  }

  /// The same numbers with other axes.
  @specialized(where T == Double)
  public func reshaped(_ shape: [Int]) -> ReferenceArray { ReferenceArray(shape, values) }

  /// Axes in another order: axis i of the result is axis `order[i]` of this.
  @specialized(where T == Double)
  public func permuted(_ order: [Int]) -> ReferenceArray {
    ReferenceArray(order.map { shape[$0] }) { index in
      var from = index
      for (i, axis) in order.enumerated() { from[axis] = index[i] }
      return self[from]
    }
  }

  /// The last two axes exchanged.
  @specialized(where T == Double)
  public func transposed() -> ReferenceArray {
    let rank = shape.count
    return permuted(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  /// A range of one axis.
  @specialized(where T == Double)
  public func slice(axis: Int, _ range: Range<Int>) -> ReferenceArray {
    var small = shape
    small[axis] = range.count
    return ReferenceArray(small) { index in
      var from = index
      from[axis] += range.lowerBound
      return self[from]
    }
  }

  /// Arrays one after another along an axis.
  @specialized(where T == Double)
  public static func concat(_ parts: [ReferenceArray], axis: Int) -> ReferenceArray {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    return ReferenceArray(shape) { index in
      var from = index
      for part in parts {
        if from[axis] < part.shape[axis] { return part[from] }
        from[axis] -= part.shape[axis]
      }
      return 0
    }
  }

  /// Rows of a table by index.
  @specialized(where T == Double)
  public func gather(_ rows: [Int]) -> ReferenceArray {
    ReferenceArray([rows.count, width]) { self[rows[$0[0]], $0[1]] }
  }

  /// Every index, in the order of the numbers.
  private var indices: [[Int]] {
    (0..<count).map { i in
      var rest = i, index = shape
      for axis in shape.indices.reversed() {
        index[axis] = rest % shape[axis]
        rest /= shape[axis]
      }
      return index
    }
  }
}
