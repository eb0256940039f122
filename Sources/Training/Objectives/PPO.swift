import Data
import Engine
import Networks
import Options

/// Proximal policy optimisation on the model's own answers, with a value head and a price on leaving the reference.
///
///     r_t = −β·kl_t, and the score behind the last token        A = GAE(r, V), whitened
///     ρ = π/π_old        loss = mean max(−A·ρ, −A·clip(ρ, 1 ± ε)) + c·½ mean max((V − R)², (V_clip − R)²)
///
/// Schulman et al. 2017, arXiv:1707.06347; Ziegler et al. 2019, arXiv:1909.08593.
public struct PPO: Practice {
  /// How answers are drawn.
  public var drawing = Drawing()
  /// The price of KL; where it adapts, the first one.
  public var kl: Float = 0.05
  /// How KL is told from a token.
  public var estimator = KL.k1
  /// The KL that an adapting price holds; 0: the price is fixed.
  public var target: Float = 0
  /// How slowly the price adapts, in answers.
  public var horizon: Float = 10_000
  /// How far a token's ratio may go in a step.
  public var clip: Float = 0.2
  /// How far a value may go in a step.
  public var valueClip: Float = 0.2
  /// The weight of the value loss.
  public var valueWeight: Float = 0.1
  /// The rate of the value head, as a multiple of the policy's.
  public var valueRate: Float = 10
  /// How much later rewards count.
  public var gamma: Float = 1
  /// How far advantages look.
  public var lambda: Float = 0.95
  /// Updates on the same answers.
  public var epochs = 4
  /// Whether advantages are brought to mean 0 and variance 1.
  public var whiten = true
  /// Whether rewards are brought to variance 1.
  public var whitenRewards = false
  /// What an answer that does not end loses.
  public var penalty: Float = 0

  /// What it says of itself.
  public static let card = Card(
    "ppo",
    "Learns from a reward on its own answers: likelier where better than expected, in small steps, near the reference.",
    formula: """
      r_t = −β·kl_t, and the score behind the last token        A = GAE(r, V), whitened
      loss = mean max(−A·ρ, −A·clip(ρ, 1 ± ε)) + c·½ mean max((V − R)², (V_clip − R)²), ρ = π/π_old
      """,
    paper: "Schulman et al. 2017, arXiv:1707.06347; Ziegler et al. 2019, arXiv:1909.08593",
    use: "RLHF's classic. A step is one iteration: rollout, score, advantages, update (all its epochs).",
    examples: ["trainer ppo prompt=4 tokens=12", "trainer ppo kl=0.2 estimator=k3", "trainer ppo target=6"],
    notes: [
      "Defaults are TRL's, but for the value model: a linear head on the policy's states, which it does not move.",
      "k1 = d, k2 = d²/2, k3 = e^−d − 1 + d with d = log π − log π_ref of a token that the policy drew.",
    ])

  /// Its options.
  public static var options: [Option<PPO>] {
    Drawing.options.map { $0.lifted(\.drawing) } + [
      Option("kl", \.kl, "the price of KL, a nat; where it adapts, the first one", in: 0...1000),
      Option("estimator", \.estimator, "how KL is told from a token"),
      Option("target", \.target, "the KL that an adapting price holds; 0 keeps it fixed", in: 0...10_000),
      Option("horizon", \.horizon, "how slowly the price adapts, in answers", in: 1...1e9),
      Option("clip", \.clip, "how far a token's ratio may go", in: 0.001...10),
      Option("value-clip", \.valueClip, "how far a value may go", in: 0.001...1e6),
      Option("value-weight", \.valueWeight, "the weight of the value loss", in: 0...100),
      Option("value-rate", \.valueRate, "the value head's rate, as a multiple of lr", in: 0...1e4),
      Option("gamma", \.gamma, "how much later rewards count", in: 0...1),
      Option("lambda", \.lambda, "how far advantages look", in: 0...1),
      Option("epochs", \.epochs, "updates on the same answers", in: 1...100),
      Option("whiten", \.whiten, "whether advantages get mean 0 and variance 1"),
      Option("whiten-rewards", \.whitenRewards, "whether rewards get variance 1"),
      Option("penalty", \.penalty, "what an answer that does not end loses", in: 0...1e6),
    ]
  }

  /// TRL's defaults.
  public init() {}

  /// The price of KL, and the KL that it holds.
  public var brake: Brake? { Brake("kl", kl, target: target) }
  /// Prices KL even at 0, since it is watched.
  public var wantsReference: Bool { true }
  /// Values are what advantages are measured from.
  public var wantsValues: Bool { true }

  /// Rewards by token, their advantages and returns.
  public func weigh(_ e: inout Experience, _ state: TrainerState) throws {
    let price = state.numbers[Self.price] ?? kl, width = e.longest
    var rewards = rewards(e, price: price), values = e.values.scalars
    // A value one place behind the last token still counts: the score stands there.
    let isReal = e.lengths.flatMap { n in (0..<width).map { $0 < n } }
    let isKept = e.lengths.flatMap { n in (0..<width).map { $0 <= n } }
    for i in values.indices where !isKept[i] { values[i] = 0 }
    if whitenRewards { rewards = Advantages.whitened(rewards, mask: isKept, shift: false) }
    let found = Advantages.gae(rewards: rewards, values: values, width: width, gamma: gamma, lambda: lambda)
    let advantages =
      whiten
      ? Advantages.whitened(found.advantages, mask: isReal)
      : zip(found.advantages, isReal).map { $1 ? $0 : 0 }
    e.advantages = try Tensor([e.rows, width], advantages)
    e.returns = try Tensor([e.rows, width], found.returns)
    let kl = estimator.mean(e), score = Statistics.mean(e.scores.map(Double.init))
    e.figures += [
      Figure("coefficient", price), Figure("objective", score - Double(price) * kl),
      Figure("explained", Self.explained(values, found.returns, isReal)),
    ]
  }

  /// −β·kl of each token, and the score behind the last one (on it where the row is full).
  func rewards(_ e: Experience, price: Float) -> [Float] {
    let policy = e.old.scalars, reference = e.reference.scalars, width = e.longest
    var rewards = [Float](repeating: 0, count: policy.count)
    for (row, length) in e.lengths.enumerated() {
      for t in row * width..<row * width + length {
        rewards[t] = -price * estimator.estimate(policy[t], reference[t])
      }
      rewards[row * width + min(length, width - 1)] += e.scores[row]
    }
    return rewards
  }

  /// 1 − var(returns − values)/var(returns): how much of the returns the head foresaw.
  static func explained(_ values: [Float], _ returns: [Float], _ mask: [Bool]) -> Double {
    let places = mask.indices.filter { mask[$0] }
    let whole = Advantages.deviation(places.map { Double(returns[$0]) })
    let rest = Advantages.deviation(places.map { Double(returns[$0] - values[$0]) })
    return whole > 0 ? 1 - rest * rest / (whole * whole) : 0
  }

  /// The clipped policy loss and the clipped value loss.
  public func loss(_ model: Model, _ e: Experience, _ pass: Pass, _ head: ValueHead?) throws -> Loss {
    let now = try AnswerScores(
      model, e.batch, pass, temperature: drawing.temperature, wantsStates: true)
    let policy = try PolicyLoss(now.values, old: e.old, advantages: e.advantages, clip: (clip, clip))
    let mask = try e.mask
    let first = try policy.each.meanWhere(mask)
    var loss = first
    var figures = [Figure("policy", first.item)] + policy.figures(mask)
    if let head, let states = now.states {
      let value = try valueLoss(head.values(states).reshaped(e.old.shape), e)
      figures.append(Figure("value", value.item))
      loss = try loss + value.scaled(by: valueWeight)
    }
    return Loss(loss: loss, each: now.each.map { -$0 }, places: now.places, figures: figures)
  }

  /// ½·mean max((V − R)², (clip(V, V_old ± ε) − R)²) over the tokens and one place behind the last.
  func valueLoss(_ values: Tensor, _ e: Experience) throws -> Tensor {
    let kept = try AnswerScores.mask(e.lengths.map { $0 + 1 }, e.longest)
    let clipped = try e.values + (values - e.values).clamped(to: -valueClip...valueClip)
    let (a, b) = (try values - e.returns, try clipped - e.returns)
    return try (a * a).maximum(b * b).meanWhere(kept).scaled(by: 0.5)
  }

  /// Adapts the price of KL.
  public func conclude(_ e: Experience, _ state: inout TrainerState) {
    guard target > 0 else { return }
    let kl = estimator.mean(e), price = state.numbers[Self.price] ?? self.kl
    state.numbers[Self.price] = KL.adapted(price, kl: kl, target: target, answers: e.rows, horizon: horizon)
  }

  private static let price = "coefficient"
}
