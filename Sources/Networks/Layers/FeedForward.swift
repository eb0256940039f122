import Engine

/// Two linear layers with a nonlinearity between: x → down(act(up(x))).
public struct FeedForward {
  /// What stands between the two layers.
  public enum Activation: String, CaseIterable, Sendable {
    /// GELU by tanh, as in GPT-2.
    case geluTanh = "gelu-tanh"
    /// GELU by erf, as in BERT and ViT.
    case gelu
    case relu

    func callAsFunction(_ x: Tensor) throws -> Tensor {
      switch self {
      case .geluTanh: try x.geluTanh()
      case .gelu: try x.gelu()
      case .relu: try x.relu()
      }
    }
  }

  /// Widens, [inner, width].
  public let up: Linear
  /// Narrows, [width, inner].
  public let down: Linear
  /// What stands between.
  public let activation: Activation

  init(
    _ scope: Scope, width: Int, inner: Int, _ activation: Activation, start: Start, outputStart: Start
  ) throws {
    self.activation = activation
    up = try Linear(scope.child("up"), in: width, out: inner, start: start)
    down = try Linear(scope.child("down"), in: inner, out: width, start: outputStart)
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    try down(activation(up(x, pass)), pass)
  }
}
