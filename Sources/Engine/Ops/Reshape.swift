import CKernels

extension Tensor {
  /// The same numbers with other axes, sharing memory.
  public func reshaped(_ shape: [Int]) throws -> Tensor {
    guard Tensor.count(of: shape) == count else {
      throw EngineError.shapes(op: "reshape", "\(self.shape) cannot become \(shape): \(count) numbers")
    }
    let before = self.shape
    let y = Tensor(shape: shape, storage: storage, offset: offset)
    return try y.recorded("reshape", from: [self]) { dy in
      [Tensor(shape: before, storage: dy.storage, offset: dy.offset)]
    }
  }

  /// The last two axes exchanged; every matrix before them by itself.
  public func transposed() throws -> Tensor {
    guard shape.count >= 2 else {
      throw EngineError.shapes(op: "transpose", "shape \(shape) has no two axes")
    }
    let m = shape[shape.count - 2], n = width, batch = m * n == 0 ? 0 : count / (m * n)
    func flip(_ x: Tensor, _ m: Int, _ n: Int) -> Tensor {
      Tensor.make(x.shape.dropLast(2) + [n, m]) { y in
        x.read { x in for b in 0..<batch { ck_transpose(m, n, x + b * m * n, n, y + b * m * n, m) } }
      }
    }
    return try flip(plain, m, n).recorded("transpose", from: [self]) { dy in [flip(dy, n, m)] }
  }

  /// Axes in another order: axis i of the result is axis `order[i]` of this.
  public func permuted(_ order: [Int]) throws -> Tensor {
    guard order.sorted() == Array(0..<shape.count) else {
      throw EngineError.shapes(op: "permute", "\(order) is not an order of \(shape.count) axes")
    }
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return try Self.reorder(plain, order).recorded("permute", from: [self]) { [inverse] dy in
      [Self.reorder(dy, inverse)]
    }
  }

  private static func reorder(_ x: Tensor, _ order: [Int]) -> Tensor {
    let shape = order.map { x.shape[$0] }
    let own = Broadcast.strides(x.shape, in: x.shape)
    let strides = order.map { own[$0] }
    return make(shape) { y in
      x.read { x in
        var index = [Int](repeating: 0, count: shape.count), from = 0
        for i in 0..<shape.reduce(1, *) {
          y[i] = x[from]
          var axis = shape.count - 1
          while axis >= 0 {
            index[axis] += 1
            from += strides[axis]
            if index[axis] < shape[axis] { break }
            from -= strides[axis] * shape[axis]
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }
}
