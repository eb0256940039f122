enum Multiply: Pairwise {
  static let name = "multiply"
  static func value(_ a: Float, _ b: Float) -> Float { a * b }
  static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (b, a) }
}

extension Tensor {
  /// a · b number by number, shapes broadcast.
  public static func * (a: Tensor, b: Tensor) throws -> Tensor { try a.zip(Multiply.self, b) }

  /// A number times x.
  public static func * (a: Float, b: Tensor) throws -> Tensor { try b.scaled(by: a) }
}
