import Engine

/// Scales what a sublayer adds to the stream, each number of the width by its own: deep vision transformers start with
/// little and learn how much. Touvron et al. 2021, arXiv:2103.17239.
///
///     y = λ ⊙ x        λ [width]
public struct LayerScale {
  let weight: Parameter

  init(_ scope: Scope, width: Int, start: Float) throws {
    weight = try scope.parameter("weight", [width], .values(Tensor.filled([width], start)))
  }

  /// Applies the layer to x [.., width].
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor { try x * pass.read(weight) }
}
