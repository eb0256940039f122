extension Tensor {
  /// x times one number that needs no gradient.
  public func scaled(by factor: Float) throws -> Tensor {
    let x = plain, n = count
    func times(_ x: Tensor) -> Tensor {
      Tensor.make(x.shape) { out in x.read { x in for i in 0..<n { out[i] = factor * x[i] } } }
    }
    return try times(x).recorded("scale", from: [self]) { dy in [times(dy)] }
  }

  /// x plus one number that needs no gradient.
  public func shifted(by term: Float) throws -> Tensor {
    let x = plain, n = count
    let y = Tensor.make(shape) { out in x.read { x in for i in 0..<n { out[i] = x[i] + term } } }
    return try y.recorded("shift", from: [self]) { dy in [dy] }
  }
}
