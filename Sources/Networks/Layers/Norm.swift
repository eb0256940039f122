import Engine

/// A norm with its scale, and its shift where it has one.        [..., width]
///
///     layer:  y = (x − mean)/√(variance + ε)·w + b        Ba et al. 2016, arXiv:1607.06450
///     rms:    y = x/√(mean(x²) + ε)·w                     Zhang & Sennrich 2019, arXiv:1910.07467
///     gemma:  the same with 1 + w in the place of w
public struct Norm {
  /// How rows are normalised.
  public enum Kind: String, Sendable {
    case layer, rms
    /// RMS with a weight that counts from 1.
    case gemma
  }

  /// Kind and ε of a norm.
  struct Form {
    var kind = Kind.layer
    var epsilon: Float

    /// Names and shapes of a norm's parameters.
    func shapes(_ path: String, _ width: Int) -> [NamedShape] {
      NamedShapes.affine(path, [width], bias: kind == .layer)
    }
  }

  /// Where it runs.
  public let site: Site
  let weight: Parameter, bias: Parameter?
  private let form: Form

  init(_ scope: Scope, width: Int, _ form: Form) throws {
    self.form = form
    weight = try scope.parameter("weight", [width], form.kind == .gemma ? .zeros : .ones)
    bias = form.kind == .layer ? try scope.parameter("bias", [width], .zeros) : nil
    site = scope.site(.norm, width: (width, width), weight: weight, bias: bias)
    site.weightOffset = form.kind == .gemma ? 1 : 0
  }

  /// Applies the norm.
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    try site.run(x, pass) { x in
      let w = pass.read(weight)
      guard let bias = site.bias.flatMap(pass.readBias) else {
        let scale = form.kind == .gemma ? try w.shifted(by: 1) : w
        return try x.rmsNorm(weight: scale, epsilon: form.epsilon)
      }
      return try x.layerNorm(weight: w, bias: bias, epsilon: form.epsilon)
    }
  }
}
