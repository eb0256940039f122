import Data
import Engine
import Networks
import Options

/// Direct preference optimisation: the reward model is the policy itself, measured from its reference.
///
///     r = β·(log π − log π_ref)        d = r(chosen) − r(rejected)
///     sigmoid: −(1 − ε)·log σ(d) − ε·log σ(−d)        hinge: max(0, 1 − d)        ipo: (d/β − 1/2β)² by token
///     robust: (−(1 − ε)·log σ(d) + ε·log σ(−d)) / (1 − 2ε)
///
/// Rafailov et al. 2023, arXiv:2305.18290; Azar et al. 2023, arXiv:2310.12036 (ipo).
public struct DPO: Objective {
  /// The form of the loss.
  public enum Form: String, Sendable, CaseIterable { case sigmoid, hinge, ipo, robust }

  /// How dear it is to leave the reference.
  public var beta: Float = 0.1
  /// The share of labels that is taken to be wrong.
  public var smoothing: Float = 0
  /// The form of the loss.
  public var form = Form.sigmoid
  /// Whether each pair's agreement takes the place of smoothing.
  public var soft = false

  /// What it says of itself.
  public static let card = Card(
    "dpo",
    "Learns from pairs directly: the chosen answer becomes likelier than the rejected one, seen from the reference.",
    formula: """
      r = β·(log π − log π_ref)        d = r(chosen) − r(rejected)
      sigmoid: −(1 − ε)·log σ(d) − ε·log σ(−d)        hinge: max(0, 1 − d)
      ipo: (d/β a token − 1/2β)²        robust: (−(1 − ε)·log σ(d) + ε·log σ(−d)) / (1 − 2ε)
      """,
    paper: "Rafailov et al. 2023, arXiv:2305.18290; Azar et al. 2023, arXiv:2310.12036",
    use:
      "For pairs and a model that goes on with text. The reference is the model with what trains switched off.",
    examples: ["trainer dpo", "trainer dpo beta=0.5 smoothing=0.1", "trainer dpo loss=ipo"],
    notes: ["Before the first step both policies are one, so the loss is log 2 = 0.6931 whatever the data."])

  /// Its options.
  public static var options: [Option<DPO>] {
    [
      Option("beta", \.beta, "how dear it is to leave the reference", in: 1e-6...1000),
      Option("smoothing", \.smoothing, "share of labels taken to be wrong", in: 0...0.49),
      Option("loss", \.form, "the form of the loss"),
      Option("soft", \.soft, "whether each pair's agreement is the label"),
    ]
  }

  /// β 0.1, no smoothing.
  public init() {}

  /// Pairs, and a model that goes on with text.
  public func check(_ model: Model, _ batch: Batch) throws {
    try model.checkAnswersInWords("dpo")
    guard batch.preferences != nil else {
      throw Failure("dpo learns from pairs, and these data have none.", cure: "data pairs FILE")
    }
  }

  /// The mean over the pairs.
  public func loss(_ model: Model, _ batch: Batch, _ pass: Pass, _ state: TrainerState) throws -> Loss {
    try check(model, batch)
    let reference = try model.asReference { try AnswerScores(model, batch, pass.looking()) }
    let policy = try AnswerScores(model, batch, pass)
    let ratios = try (policy.values - reference.values).sum(axes: [1])  // [rows]
    let pairs = batch.preferences ?? [], n = pairs.count
    let (chosen, rejected) = (try ratios.slice(axis: 0, 0..<n), try ratios.slice(axis: 0, n..<2 * n))
    let each = try losses(chosen, rejected, lengths: policy.lengths, pairs)
    let high = chosen.scalars.map { Double(beta * $0) }, low = rejected.scalars.map { Double(beta * $0) }
    let right = zip(high, low).reduce(0) { $0 + ($1.0 > $1.1 ? 1 : 0) }
    return Loss(
      loss: try each.mean(), each: each.scalars, places: pairs.indices.map { ($0, 0) },
      figures: [
        Figure("accuracy", Double(right) / Double(max(1, n))),
        Figure("margin", Statistics.mean(zip(high, low).map { $0 - $1 })),
        Figure("chosen", Statistics.mean(high)), Figure("rejected", Statistics.mean(low)),
      ])
  }

  /// The loss of each pair from log π − log π_ref of its answers, [pairs] each; `lengths` are the answers' tokens,
  /// chosen ones first.
  public func losses(_ chosen: Tensor, _ rejected: Tensor, lengths: [Int], _ pairs: [Preference]) throws
    -> Tensor
  {
    let n = pairs.count, d = try (chosen - rejected).scaled(by: beta)
    switch form {
    case .hinge: return try d.scaled(by: -1).shifted(by: 1).relu()
    case .ipo:
      func byToken(_ x: Tensor, _ rows: Range<Int>) throws -> Tensor {
        try x.divided(by: Tensor([n], lengths[rows].map { Float(max(1, $0)) }))
      }
      let gap = try byToken(chosen, 0..<n) - byToken(rejected, n..<2 * n)
      let off = try gap - 1 / (2 * beta)
      return try off * off
    case .sigmoid, .robust:
      let right = try d.logSigmoid(), wrong = try d.scaled(by: -1).logSigmoid()
      if soft {
        let p = try Tensor([n], pairs.map { Float($0.agreement) })
        return try (p * right + p.scaled(by: -1).shifted(by: 1) * wrong).scaled(by: -1)
      }
      if form == .sigmoid {
        return try (right.scaled(by: 1 - smoothing) + wrong.scaled(by: smoothing)).scaled(by: -1)
      }
      return try (wrong.scaled(by: smoothing) - right.scaled(by: 1 - smoothing)).scaled(
        by: 1 / (1 - 2 * smoothing))
    }
  }
}
