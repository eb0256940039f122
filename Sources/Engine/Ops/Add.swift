import CKernels

enum Add: Pairwise {
  static let name = "add"
  static func value(_ a: Float, _ b: Float) -> Float { a + b }
  static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (1, 1) }
}

extension Tensor {
  /// a + b, shapes broadcast. Equal shapes, as in a residual connection, take a shorter way: both gradients are dy.
  public func adding(_ other: Tensor) throws -> Tensor {
    guard shape == other.shape else { return try zip(Add.self, other) }
    let n = count
    let y = Tensor.make(shape) { y in
      read { a in
        other.read { b in
          Threads.shared.ranges(n, grain: elementGrain) { for i in $0 { y[i] = a[i] + b[i] } }
        }
      }
    }
    let (needsA, needsB) = (isTracked, other.isTracked)
    return try y.recorded("add", from: [self, other]) { dy in [needsA ? dy : nil, needsB ? dy : nil] }
  }

  /// a + b, shapes broadcast.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor { try a.adding(b) }

  /// x plus a number.
  public static func + (a: Tensor, b: Float) throws -> Tensor { try a.shifted(by: b) }
}
