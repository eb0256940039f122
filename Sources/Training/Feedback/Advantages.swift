/// What tokens and answers are worth beyond what was expected.
public enum Advantages {
  /// Generalised advantage estimation, backwards over each row. Schulman et al. 2015, arXiv:1506.02438.
  ///
  ///     δ_t = r_t + γ·V_{t+1} − V_t        A_t = δ_t + γλ·A_{t+1}        returns = A + V
  ///
  /// Rewards and values are rows of `width` numbers, 0 behind an answer's end.
  public static func gae(rewards: [Float], values: [Float], width: Int, gamma: Float, lambda: Float) -> (
    advantages: [Float], returns: [Float]
  ) {
    var advantages = rewards
    for start in stride(from: 0, to: rewards.count, by: max(1, width)) {
      var later: Float = 0
      for t in stride(from: width - 1, through: 0, by: -1) {
        let next = t + 1 < width ? values[start + t + 1] : 0
        let delta = rewards[start + t] + gamma * next - values[start + t]
        later = delta + gamma * lambda * later
        advantages[start + t] = later
      }
    }
    return (advantages, zip(advantages, values).map { $0 + $1 })
  }

  /// Values brought to mean 0 and variance 1 over those that count; without `shift` the mean is put back. The others
  /// become 0.
  ///
  ///     (x − mean)/√(var + 1e−8), the variance with n − 1
  public static func whitened(_ values: [Float], mask: [Bool], shift: Bool = true) -> [Float] {
    let counted = zip(values, mask).filter { $1 }.map { Double($0.0) }
    guard counted.count > 1 else { return zip(values, mask).map { $1 ? $0 : 0 } }
    let mean = counted.reduce(0, +) / Double(counted.count)
    let variance = counted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(counted.count - 1)
    let scale = 1 / (variance + 1e-8).squareRoot()
    return zip(values, mask).map { value, counts in
      counts ? Float((Double(value) - mean) * scale + (shift ? 0 : mean)) : 0
    }
  }

  /// By how much each answer of a group beats the group's mean, over the deviation of the group, of the batch, or over
  /// nothing.
  ///
  ///     A = (r − mean)/(std + 1e−4), the deviation with n − 1
  public static func grouped(_ scores: [Float], group: Int, scale: GroupScale) -> [Float] {
    let deviation = scale == .batch ? Self.deviation(scores.map(Double.init)) : 0
    return stride(from: 0, to: scores.count, by: max(1, group)).flatMap { start -> [Float] in
      let own = scores[start..<min(start + group, scores.count)].map(Double.init)
      let mean = own.reduce(0, +) / Double(own.count)
      let by = scale == .none ? 1 : (scale == .batch ? deviation : Self.deviation(own)) + 1e-4
      return own.map { Float(($0 - mean) / by) }
    }
  }

  /// By how much each answer beats the mean of the others of its group. Kool et al. 2019; Ahmadian et al. 2024,
  /// arXiv:2402.14740.
  public static func leaveOneOut(_ scores: [Float], group: Int) -> [Float] {
    stride(from: 0, to: scores.count, by: max(1, group)).flatMap { start -> [Float] in
      let own = scores[start..<min(start + group, scores.count)]
      guard own.count > 1 else { return own.map { _ in 0 } }
      let sum = own.reduce(0) { $0 + Double($1) }
      return own.map { Float(Double($0) - (sum - Double($0)) / Double(own.count - 1)) }
    }
  }

  /// What a group's scores are divided by.
  public enum GroupScale: String, Sendable, CaseIterable { case group, batch, none }

  static func deviation(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }
}
