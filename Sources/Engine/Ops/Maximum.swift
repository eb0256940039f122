/// The larger of two numbers; equal ones share the slope, as PyTorch has it.
enum Maximum: Pairwise {
  static let name = "maximum"
  static func value(_ a: Float, _ b: Float) -> Float { max(a, b) }
  static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) {
    a == b ? (0.5, 0.5) : a > b ? (1, 0) : (0, 1)
  }
}

extension Tensor {
  /// The larger of a and b number by number, shapes broadcast.
  public func maximum(_ other: Tensor) throws -> Tensor { try zip(Maximum.self, other) }

  /// The smaller of a and b number by number, shapes broadcast.
  public func minimum(_ other: Tensor) throws -> Tensor {
    try scaled(by: -1).maximum(other.scaled(by: -1)).scaled(by: -1)
  }
}
