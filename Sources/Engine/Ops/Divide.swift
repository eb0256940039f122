enum Divide: Pairwise {
  static let name = "divide"
  static func value(_ a: Float, _ b: Float) -> Float { a / b }
  static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (1 / b, -y / b) }
}

extension Tensor {
  /// a / b number by number, shapes broadcast.
  public func divided(by other: Tensor) throws -> Tensor { try zip(Divide.self, other) }
}
