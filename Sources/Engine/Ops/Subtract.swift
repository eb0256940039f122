enum Subtract: Pairwise {
  static let name = "subtract"
  static func value(_ a: Float, _ b: Float) -> Float { a - b }
  static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (1, -1) }
}

extension Tensor {
  /// a − b, shapes broadcast.
  public static func - (a: Tensor, b: Tensor) throws -> Tensor { try a.zip(Subtract.self, b) }

  /// x minus a number.
  public static func - (a: Tensor, b: Float) throws -> Tensor { try a.shifted(by: -b) }
}
