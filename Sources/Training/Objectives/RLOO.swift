import Data
import Engine
import Networks
import Options

/// REINFORCE with the mean of the other answers as baseline; an answer is one action.
///
///     R = r − β·Σ (log π_old − log π_ref)        A = R − mean of the others' R
///     ρ = π/π_old of the whole answer        loss = −mean min(ρ·A, clip(ρ, 1 ± ε)·A)
///
/// Ahmadian et al. 2024, arXiv:2402.14740.
public struct RLOO: Practice {
  /// How answers are drawn.
  public var drawing: Drawing = {
    var drawing = Drawing()
    drawing.samples = 4
    return drawing
  }()
  /// The price of KL, in the reward.
  public var beta: Float = 0.05
  /// How far an answer's ratio may go.
  public var clip: Float = 0.2
  /// Updates on the same answers.
  public var epochs = 1
  /// Whether advantages are brought to mean 0 and variance 1.
  public var whiten = false
  /// What an answer that does not end loses.
  public var penalty: Float = 0

  /// What it says of itself.
  public static let card = Card(
    "rloo",
    "Learns from a reward on its own answers, each measured by the mean of the others to the same prompt.",
    formula: """
      R = r − β·Σ (log π_old − log π_ref)        A = R − mean of the others' R
      loss = −mean min(ρ·A, clip(ρ, 1 ± ε)·A), ρ = π/π_old of the whole answer
      """,
    paper: "Ahmadian et al. 2024, arXiv:2402.14740",
    use: "The simplest that works: no value head, no division by deviations.",
    examples: ["trainer rloo prompt=4 tokens=12", "trainer rloo samples=8 beta=0.1"])

  /// Its options.
  public static var options: [Option<RLOO>] {
    Drawing.options.map { $0.lifted(\.drawing) } + [
      Option("beta", \.beta, "the price of KL, in the reward", in: 0...1000),
      Option("clip", \.clip, "how far an answer's ratio may go", in: 0.001...10),
      Option("epochs", \.epochs, "updates on the same answers", in: 1...100),
      Option("whiten", \.whiten, "whether advantages get mean 0 and variance 1"),
      Option("penalty", \.penalty, "what an answer that does not end loses", in: 0...1e6),
    ]
  }

  /// TRL's defaults, but four answers a prompt.
  public init() {}

  /// The price of KL.
  public var brake: Brake? { Brake("beta", beta) }
  /// KL is part of the reward.
  public var wantsReference: Bool { true }
  /// No value head.
  public var wantsValues: Bool { false }

  /// Each answer against the others of its group.
  public func weigh(_ e: inout Experience, _ state: TrainerState) throws {
    guard e.group > 1 else {
      throw Failure(
        "rloo compares answers to one prompt, and there is one a prompt.", cure: "trainer rloo samples=4")
    }
    let far = try (e.old - e.reference).sum(axes: [1]).scalars
    var advantages = Advantages.leaveOneOut(zip(e.scores, far).map { $0 - beta * $1 }, group: e.group)
    if whiten {
      let values = advantages.map(Double.init), mean = Statistics.mean(values)
      let by = Advantages.deviation(values) + 1e-4
      advantages = values.map { Float(($0 - mean) / by) }
    }
    e.advantages = try Tensor([e.rows], advantages)
    let score = Statistics.mean(e.scores.map(Double.init))
    e.figures.append(Figure("objective", score - Double(beta) * KL.k1.mean(e)))
  }

  /// The clipped loss of every answer.
  public func loss(_ model: Model, _ e: Experience, _ pass: Pass, _ head: ValueHead?) throws -> Loss {
    let now = try AnswerScores(model, e.batch, pass, temperature: drawing.temperature)
    let policy = try PolicyLoss(
      now.values.sum(axes: [1]), old: e.old.sum(axes: [1]), advantages: e.advantages, clip: (clip, clip))
    return Loss(
      loss: try policy.each.mean(), each: now.each.map { -$0 }, places: now.places,
      figures: policy.figures(.filled([e.rows], 1)))
  }
}
