import Engine

/// The clipped loss of each token. Schulman et al. 2017, arXiv:1707.06347.
///
///     ρ = exp(log π − log π_old)        loss = max(−A·ρ, −A·clip(ρ, 1 − ε, 1 + ε'))
public struct PolicyLoss {
  /// The loss of each token, or of each row, in the shape of the log-probabilities.
  public let each: Tensor
  /// ρ
  public let ratio: Tensor
  private let advantages: Tensor
  private let range: ClosedRange<Float>

  /// From log-probabilities on a tape; `clip` is how far ρ may go down and up.
  public init(_ new: Tensor, old: Tensor, advantages: Tensor, clip: (down: Float, up: Float)) throws {
    range = 1 - clip.down...1 + clip.up
    ratio = try (new - old).exp()
    self.advantages = advantages
    each = try (advantages * ratio).scaled(by: -1).maximum(
      (advantages * ratio.clamped(to: range)).scaled(by: -1))
  }

  /// The mean ratio, and the share of places that are clipped against their advantage.
  public func figures(_ mask: Tensor) -> [Figure] {
    let ratios = ratio.scalars, counted = mask.scalars, given = advantages.scalars
    let wide = given.count == ratios.count
    var sum = 0.0, clipped = 0.0, all = 0.0
    for i in ratios.indices where counted[i] > 0 {
      let a = given[wide ? i : i * given.count / ratios.count]
      all += 1
      sum += Double(ratios[i])
      if a > 0 && ratios[i] > range.upperBound || a < 0 && ratios[i] < range.lowerBound { clipped += 1 }
    }
    return [Figure("ratio", sum / max(1, all)), Figure("clipped", clipped / max(1, all))]
  }
}

extension Tensor {
  /// The mean over the places where a mask of one shape is 1.
  public func meanWhere(_ mask: Tensor) throws -> Tensor {
    let count = mask.scalars.reduce(0, +)
    return try (self * mask).sum().scaled(by: 1 / max(1, count))
  }
}
