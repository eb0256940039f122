import Engine
import Networks
import Options

/// The three ways in which `peft` adds up low-rank changes with weights. The sum itself is
///
///     ΔW = Σ wᵢ·sᵢ·Bᵢ·Aᵢ
///
/// which in general has the rank Σ rᵢ; each way gives factors A [r, in] and B [out, r] for it.
public enum WeightedSum: String, CaseIterable, Sendable {
  /// A = Σ ±√|wᵢ·sᵢ|·Aᵢ and B = Σ √|wᵢ·sᵢ|·Bᵢ: sums of factors. Their product has terms Bᵢ·Aⱼ of two different changes
  /// too, so it is not the sum of the changes. All ranks must be the same.
  case linear
  /// Aᵢ·wᵢ·sᵢ under each other and Bᵢ side by side: the sum exactly, at the rank Σ rᵢ.
  case cat
  /// The sum cut off after its r largest singular values: the nearest of that rank.
  case svd

  /// A low-rank change with its weight.
  public typealias Part = (weight: Float, change: LowRankTerm)

  /// The factors, with scale 1; `rank` is for `svd`: nil takes the largest of the parts'.
  public func factors(of parts: [Part], rank: Int? = nil) throws -> (a: Tensor, b: Tensor) {
    let ranks = parts.map { $0.change.a.shape[0] }
    switch self {
    case .linear:
      guard Set(ranks).count == 1 else {
        throw Failure(
          "how=linear adds factors of one rank, and these have \(ranks.map(String.init).joined(separator: ", ")).",
          cure: "how=cat or how=svd take any")
      }
      let roots = parts.map { abs($0.weight * $0.change.scale).squareRoot() }
      let a = try sum(
        zip(parts, roots).map { part, root in
          try part.change.a.scaled(by: part.weight * part.change.scale < 0 ? -root : root)
        })
      return (a, try sum(zip(parts, roots).map { try $0.change.b.scaled(by: $1) }))
    case .cat:
      let a = try parts.map { try $0.change.a.scaled(by: $0.weight * $0.change.scale) }
      return (try Tensor.concat(a, axis: 0), try Tensor.concat(parts.map(\.change.b), axis: 1))
    case .svd:
      let (u, sigma, vt) = try Self.exact(parts).singularDecomposition()
      let r = min(rank ?? ranks.max() ?? 1, sigma.count), roots = sigma.prefix(r).map { $0.squareRoot() }
      let a = try vt.slice(axis: 0, 0..<r) * Tensor([r, 1], roots)
      return (a, try u.slice(axis: 1, 0..<r) * Tensor([1, r], roots))
    }
  }

  /// Σ wᵢ·sᵢ·Bᵢ·Aᵢ, [out, in].
  public static func exact(_ parts: [Part]) throws -> Tensor {
    guard let first = parts.first else { throw Failure("there is nothing to add up.") }
    func change(_ part: Part) throws -> Tensor {
      try part.change.b.matmul(part.change.a).scaled(by: part.weight * part.change.scale)
    }
    return try parts.dropFirst().reduce(change(first)) { try $0 + change($1) }
  }

  private func sum(_ tensors: [Tensor]) throws -> Tensor {
    guard let first = tensors.first else { throw Failure("there is nothing to add up.") }
    return try tensors.dropFirst().reduce(first) { try $0 + $1 }
  }
}
