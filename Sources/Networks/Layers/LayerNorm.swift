import Engine

/// Layer normalisation with its scale and shift.        [..., width]
public struct LayerNorm {
  /// Where it runs.
  public let site: Site
  let weight: Parameter, bias: Parameter
  let epsilon: Float

  init(_ scope: Scope, width: Int, epsilon: Float) throws {
    weight = try scope.parameter("weight", [width], .ones)
    bias = try scope.parameter("bias", [width], .zeros)
    self.epsilon = epsilon
    site = scope.site(.norm, width: (width, width), weight: weight, bias: bias)
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    try site.run(x, pass) {
      try $0.layerNorm(weight: pass.read(weight), bias: pass.read(bias), epsilon: epsilon)
    }
  }
}
