extension Tensor {
  /// A range of one axis. A range of the first axis shares memory; others are copied.
  public func slice(axis: Int, _ range: Range<Int>) throws -> Tensor {
    guard (0..<shape.count).contains(axis), range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      throw EngineError.shapes(op: "slice", "\(range) of axis \(axis) is not inside shape \(shape)")
    }
    var small = shape
    small[axis] = range.count
    let outer = shape[..<axis].reduce(1, *), inner = shape[(axis + 1)...].reduce(1, *)
    let from = shape[axis] * inner, n = range.count * inner, start = range.lowerBound * inner
    let y: Tensor
    if outer == 1 {
      y = Tensor(shape: small, storage: storage, offset: offset + start)
    } else {
      y = Tensor.make(small) { y in
        read { x in for o in 0..<outer { (y + o * n).update(from: x + o * from + start, count: n) } }
      }
    }
    let whole = shape
    return try y.recorded("slice", from: [self]) { dy in
      let dx = Tensor.zeros(whole)
      dy.read { dy in
        for o in 0..<outer { (dx.storage.floats + o * from + start).update(from: dy + o * n, count: n) }
      }
      return [dx]
    }
  }
}
