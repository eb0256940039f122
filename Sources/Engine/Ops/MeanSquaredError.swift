extension Tensor {
  /// The mean of squared differences from a target of the same shape, which needs no gradient.
  ///
  ///     loss = mean (x − t)²        dx = 2·(x − t)/n
  public func meanSquaredError(_ target: Tensor) throws -> Tensor {
    guard shape == target.shape else {
      throw EngineError.shapes(op: "meanSquaredError", "shapes \(shape) and \(target.shape) differ")
    }
    let x = plain, t = target.plain, n = count
    let total = x.read { x in
      t.read { t in
        (0..<n).reduce(0.0) { $0 + Double(x[$1] - t[$1]) * Double(x[$1] - t[$1]) }
      }
    }
    return try Tensor(Float(total / Double(max(n, 1)))).recorded("meanSquaredError", from: [self]) { dy in
      let g = 2 * dy.item / Float(max(n, 1))
      return [
        Tensor.make(x.shape) { dx in
          x.read { x in t.read { t in for i in 0..<n { dx[i] = g * (x[i] - t[i]) } } }
        }
      ]
    }
  }
}
