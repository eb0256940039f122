import Engine

/// Two linear layers with a GELU between: x → down(gelu(up(x))).
public struct FeedForward {
  /// Widens, [inner, width].
  public let up: Linear
  /// Narrows, [width, inner].
  public let down: Linear

  init(_ scope: Scope, width: Int, inner: Int, start: Start, outputStart: Start) throws {
    up = try Linear(scope.child("up"), in: width, out: inner, start: start)
    down = try Linear(scope.child("down"), in: inner, out: width, start: outputStart)
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    try down(up(x, pass).geluTanh(), pass)
  }
}
