#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How far the policy has gone from its reference, told from tokens that the policy drew. Schulman 2020,
/// "Approximating KL divergence".
///
///     d = log π − log π_ref        k1 = d        k2 = d²/2        k3 = e^−d − 1 + d
///
/// All three have about the same mean where the two are near; k1 may be negative for a sample, k2 and k3 never are.
public enum KL: String, Sendable, CaseIterable {
  case k1, k2, k3

  /// The estimate from one token.
  public func estimate(_ policy: Float, _ reference: Float) -> Float {
    let d = policy - reference
    switch self {
    case .k1: return d
    case .k2: return d * d / 2
    case .k3: return expm1f(-d) + d
    }
  }

  /// The mean over answers of the sum over their tokens, in nats.
  public func mean(_ experience: Experience) -> Double {
    each(experience).reduce(0.0) { $0 + Double($1) } / Double(max(1, experience.rows))
  }

  /// The sum over the tokens of each answer.
  public func each(_ experience: Experience) -> [Float] {
    let policy = experience.old.scalars, reference = experience.reference.scalars, width = experience.longest
    return experience.lengths.enumerated().map { row, length in
      (row * width..<row * width + length).reduce(0) { $0 + estimate(policy[$1], reference[$1]) }
    }
  }

  /// The next coefficient of a controller that holds KL near a target. Ziegler et al. 2019, arXiv:1909.08593.
  ///
  ///     β ← β·(1 + clip(kl/target − 1, ±0.2)·answers/horizon)
  public static func adapted(_ coefficient: Float, kl: Double, target: Float, answers: Int, horizon: Float)
    -> Float
  {
    let error = min(max(Float(kl) / target - 1, -0.2), 0.2)
    return coefficient * (1 + error * Float(answers) / horizon)
  }
}
