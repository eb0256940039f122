extension Tensor {
  /// Hides a share of the numbers, drawn by chance, and scales the others so that the mean stays.
  /// Srivastava et al. 2014.
  ///
  ///     y = x·keep/(1 − p)        keep: 1 with probability 1 − p
  public func dropout(_ p: Float, _ chance: Chance, purpose: String, step: Int) throws -> Tensor {
    guard p > 0 else { return self }
    guard p < 1 else {
      throw EngineError.shapes(op: "dropout", "the share hidden must be below 1, it is \(p)")
    }
    let n = count, factor = 1 / (1 - p)
    let mask = chance.uniform(shape, purpose: purpose, step: step)
    func hide(_ x: Tensor) -> Tensor {
      Tensor.make(x.shape) { y in
        x.read { x in mask.read { u in for i in 0..<n { y[i] = u[i] >= p ? x[i] * factor : 0 } } }
      }
    }
    return try hide(plain).recorded("dropout", from: [self]) { dy in [hide(dy)] }
  }
}
