import CKernels

extension Tensor {
  /// Softmax over the last axis: pⱼ = e^xⱼ / Σ e^x.
  ///
  ///     dx = p·(dy − Σ dy·p)
  public func softmax() throws -> Tensor {
    let n = width, rows = rows
    let x = plain
    let y = Tensor.make(shape) { y in x.read { ck_softmax(rows, n, $0, y) } }
    return try y.recorded("softmax", from: [self]) { dy in
      [Tensor.make(y.shape) { dx in y.read { y in dy.read { ck_softmax_back(rows, n, y, $0, dx) } } }]
    }
  }

  /// The logarithm of the softmax over the last axis: xⱼ − log Σ e^x.
  ///
  ///     dx = dy − e^y·Σ dy
  public func logSoftmax() throws -> Tensor {
    let n = width, rows = rows
    let x = plain
    let y = Tensor.make(shape) { y in x.read { ck_log_softmax(rows, n, $0, y) } }
    return try y.recorded("logSoftmax", from: [self]) { dy in
      [Tensor.make(y.shape) { dx in y.read { y in dy.read { ck_log_softmax_back(rows, n, y, $0, dx) } } }]
    }
  }
}
