/// Rectifier: x where x is positive, else 0.
enum ReLU: Elementwise {
  static let name = "relu"
  static func value(_ x: Float) -> Float { x > 0 ? x : 0 }
  static func slope(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : 0 }
}

extension Tensor {
  /// max(x, 0). Nair & Hinton 2010.
  public func relu() throws -> Tensor { try map(ReLU.self) }
}
