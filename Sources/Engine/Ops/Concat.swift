extension Tensor {
  /// Tensors one after another along an axis; all other axes agree.
  public static func concat(_ parts: [Tensor], axis: Int) throws -> Tensor {
    guard let first = parts.first, (0..<first.shape.count).contains(axis) else {
      throw EngineError.shapes(op: "concat", "nothing to join along axis \(axis)")
    }
    for part in parts {
      var other = part.shape, own = first.shape
      guard other.count == own.count else {
        throw EngineError.shapes(op: "concat", "shapes \(first.shape) and \(part.shape) do not meet")
      }
      other[axis] = 0
      own[axis] = 0
      guard other == own else {
        throw EngineError.shapes(
          op: "concat", "shapes \(first.shape) and \(part.shape) differ beside axis \(axis)")
      }
    }
    var shape = first.shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let outer = shape[..<axis].reduce(1, *), inner = shape[(axis + 1)...].reduce(1, *)
    let row = shape[axis] * inner
    let y = make(shape) { y in
      var at = 0
      for part in parts {
        let n = part.shape[axis] * inner
        part.read { x in for o in 0..<outer { (y + o * row + at).update(from: x + o * n, count: n) } }
        at += n
      }
    }
    let sizes = parts.map { ($0.shape[axis], $0.isTracked) }
    return try y.recorded("concat", from: parts) { dy in
      var at = 0
      return try sizes.map { size, isNeeded in
        defer { at += size }
        return isNeeded ? try dy.slice(axis: axis, at..<at + size) : nil
      }
    }
  }
}
