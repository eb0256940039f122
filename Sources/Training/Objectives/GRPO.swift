import Data
import Engine
import Networks
import Options

/// Group-relative policy optimisation: an answer is good where it beats the others to the same prompt; no value head.
///
///     A = (r − mean of the group)/(std of the group + 1e−4)        ρ = π/π_old
///     token loss = −min(ρ·A, clip(ρ, 1 − ε, 1 + ε')·A) + β·k3
///     grpo: mean of each answer's mean        bnpo, dapo: mean over all tokens        dr_grpo: sum/(answers·longest allowed)
///
/// Shao et al. 2024, arXiv:2402.03300; Yu et al. 2025, arXiv:2503.14476 (dapo); Liu et al. 2025, arXiv:2503.20783 (dr_grpo).
public struct GRPO: Practice {
  /// How the losses of tokens become one.
  public enum Form: String, Sendable, CaseIterable { case dapo, grpo, bnpo, dr_grpo }
  /// Whether a ratio is a token's or the whole answer's.
  public enum Level: String, Sendable, CaseIterable { case token, sequence }

  /// How answers are drawn.
  public var drawing: Drawing = {
    var drawing = Drawing()
    drawing.samples = 8
    return drawing
  }()
  /// The price of KL, in the loss.
  public var beta: Float = 0
  /// Whether k3 is weighed by ρ, so that its slope is that of KL(π‖π_ref).
  public var unbiased = false
  /// How far a ratio may go down.
  public var clip: Float = 0.2
  /// How far a ratio may go up; 0: as far as down.
  public var clipUp: Float = 0
  /// Updates on the same answers.
  public var epochs = 1
  /// What a group's scores are divided by.
  public var scale = Advantages.GroupScale.group
  /// How the losses of tokens become one.
  public var form = Form.dapo
  /// Whether a ratio is a token's or the whole answer's.
  public var level = Level.token
  /// What an answer that does not end loses.
  public var penalty: Float = 0

  /// What it says of itself.
  public static let card = Card(
    "grpo",
    "Learns from a reward on groups of its own answers: likelier where better than the others to the same prompt.",
    formula: """
      A = (r − mean of the group)/(std of the group + 1e−4)
      token loss = −min(ρ·A, clip(ρ, 1 − ε, 1 + ε')·A) + β·k3, ρ = π/π_old
      """,
    paper: "Shao et al. 2024, arXiv:2402.03300",
    use: "Where no value head is wanted. A group whose answers are all worth the same teaches nothing.",
    examples: [
      "trainer grpo prompt=4 tokens=12", "trainer grpo loss=dr_grpo scale=none", "trainer grpo beta=0.04",
    ],
    notes: [
      "With one update an answer, ρ is 1 and the loss starts at 0 while its gradient does not: look at ‖grad‖.",
      "The slope of k3 alone is that of KL(π_ref‖π): the best policy is then not π_ref·exp(r/β). unbiased=yes mends it.",
      "dapo and bnpo are the mean over all tokens (here the whole batch is one), grpo weighs answers alike.",
    ])

  /// Its options.
  public static var options: [Option<GRPO>] {
    Drawing.options.map { $0.lifted(\.drawing) } + [
      Option("beta", \.beta, "the price of KL, in the loss", in: 0...1000),
      Option("unbiased", \.unbiased, "whether k3 is weighed by the ratio, which makes its slope that of KL"),
      Option("clip", \.clip, "how far a ratio may go down", in: 0.001...1),
      Option("clip-up", \.clipUp, "how far it may go up; 0: as far as down", in: 0...100),
      Option("epochs", \.epochs, "updates on the same answers", in: 1...100),
      Option("scale", \.scale, "what a group's scores are divided by: its deviation, the batch's, nothing"),
      Option("loss", \.form, "how the losses of tokens become one"),
      Option("level", \.level, "whether a ratio is a token's or the whole answer's"),
      Option("penalty", \.penalty, "what an answer that does not end loses", in: 0...1e6),
    ]
  }

  /// TRL's defaults.
  public init() {}

  /// The price of KL.
  public var brake: Brake? { Brake("beta", beta) }
  /// KL is watched even where it costs nothing.
  public var wantsReference: Bool { true }
  /// No value head.
  public var wantsValues: Bool { false }

  /// Advantages within groups, the same for all tokens of an answer.
  public func weigh(_ e: inout Experience, _ state: TrainerState) throws {
    guard e.group > 1 else {
      throw Failure(
        "grpo compares answers to one prompt, and there is one a prompt.", cure: "trainer grpo samples=8")
    }
    e.advantages = try Tensor([e.rows, 1], Advantages.grouped(e.scores, group: e.group, scale: scale))
    let idle = stride(from: 0, to: e.rows, by: e.group).filter { start in
      e.scores[start..<start + e.group].allSatisfy { $0 == e.scores[start] }
    }
    e.figures.append(Figure("idle", Double(idle.count * e.group) / Double(max(1, e.rows))))
  }

  /// The clipped loss of every token, made one.
  public func loss(_ model: Model, _ e: Experience, _ pass: Pass, _ head: ValueHead?) throws -> Loss {
    let now = try AnswerScores(model, e.batch, pass, temperature: drawing.temperature)
    let mask = try e.mask
    let (loss, policy) = try loss(of: now.values, e, mask)
    let at = level == .token ? mask : Tensor.filled([e.rows, 1], 1)
    return Loss(loss: loss, each: now.each.map { -$0 }, places: now.places, figures: policy.figures(at))
  }

  /// The loss from log-probabilities on a tape.
  func loss(of new: Tensor, _ e: Experience, _ mask: Tensor) throws -> (Tensor, PolicyLoss) {
    let up = clipUp > 0 ? clipUp : clip
    let lengths = try Tensor([e.rows, 1], e.lengths.map { Float(max(1, $0)) })
    func bySequence(_ x: Tensor) throws -> Tensor {
      try (x * mask).sum(axes: [1], keep: true).divided(by: lengths)
    }
    let isWhole = level == .sequence
    let policy = try PolicyLoss(
      isWhole ? bySequence(new) : new, old: isWhole ? bySequence(e.old) : e.old, advantages: e.advantages,
      clip: (clip, up))
    var each = policy.each
    if isWhole { each = try each + Tensor.zeros(mask.shape) }  // every token of an answer has its loss
    if beta > 0 {
      let d = try e.reference - new
      let k3 = try d.exp() - d - 1
      each = try each + (unbiased ? k3 * policy.ratio : k3).scaled(by: beta)
    }
    switch form {
    case .grpo: return (try (each * mask).sum(axes: [1], keep: true).divided(by: lengths).mean(), policy)
    case .bnpo, .dapo: return (try each.meanWhere(mask), policy)
    case .dr_grpo:
      return (try (each * mask).sum().scaled(by: 1 / Float(e.rows * drawing.tokens)), policy)
    }
  }
}
