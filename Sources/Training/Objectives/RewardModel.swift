import Data
import Engine
import Networks
import Options

/// A reward model: which of two answers people prefer, learnt as a difference of scores. Bradley and Terry 1952.
///
///     loss = −log σ(r(chosen) − r(rejected) − margin) + center·(r(chosen) + r(rejected))²
///     soft: −p·log σ(d) − (1 − p)·log σ(−d), where a share p prefers the chosen one
public struct RewardModel: Objective {
  /// The weight that keeps scores about 0, which differences alone leave open.
  public var center: Float = 0
  /// Whether the scores must differ by the pair's margin.
  public var margin = false
  /// Whether the share of those who prefer the chosen one is the label.
  public var soft = false

  /// What it says of itself.
  public static let card = Card(
    "reward", "Learns a score by which the answers that people prefer stand above those they reject.",
    formula: """
      loss = −log σ(r(chosen) − r(rejected) − margin) + center·(r(chosen) + r(rejected))²
      soft: −p·log σ(d) − (1 − p)·log σ(−d), d = r(chosen) − r(rejected)
      """,
    paper: "Bradley & Terry 1952; Stiennon et al. 2020, arXiv:2009.01325",
    use: "For a model with one score a row: gpt base=reviews classes=1, and data of pairs.",
    examples: ["trainer reward", "trainer reward center=0.01", "trainer reward soft=yes"],
    notes: [
      "Only differences count: the same number added to every score changes nothing, unless center holds them."
    ])

  /// Its options.
  public static var options: [Option<RewardModel>] {
    [
      Option("center", \.center, "weight of the squared sum of both scores; 0.01 is usual", in: 0...100),
      Option("margin", \.margin, "whether scores must differ by the pair's margin"),
      Option("soft", \.soft, "whether the share of raters who prefer the chosen one is the label"),
    ]
  }

  /// Plain differences.
  public init() {}

  /// Pairs, and a head of one score.
  public func check(_ model: Model, _ batch: Batch) throws {
    guard model.network.answers == .rows, model.network.head.width.out == 1 else {
      throw Failure(
        "reward needs a model that answers each row with one score.",
        cure: "let r = gpt base=reviews classes=1")
    }
    guard batch.preferences != nil else {
      throw Failure("reward learns from pairs, and these data have none.", cure: "data pairs FILE")
    }
  }

  /// The mean over the pairs.
  public func loss(_ model: Model, _ batch: Batch, _ pass: Pass, _ state: TrainerState) throws -> Loss {
    try check(model, batch)
    let scores = try model.logits(batch, pass), pairs = batch.preferences ?? []
    let (chosen, rejected) = (
      try scores.slice(axis: 0, 0..<pairs.count), try scores.slice(axis: 0, pairs.count..<2 * pairs.count)
    )
    let each = try Self.losses(chosen, rejected, pairs, margin: margin, soft: soft, center: center)
    let (high, low) = (chosen.scalars, rejected.scalars)
    let right = zip(high, low).reduce(0) { $0 + ($1.0 > $1.1 ? 1 : 0) }
    let differences = zip(high, low).map { Double($0 - $1) }
    return Loss(
      loss: try each.mean(), each: each.scalars, places: pairs.indices.map { ($0, 0) },
      figures: [
        Figure("accuracy", Double(right) / Double(max(1, pairs.count))),
        Figure("margin", Statistics.mean(differences)),
        Figure("reward", Statistics.mean((high + low).map { Double($0) })),
      ])
  }

  /// The loss of each pair from its two scores, [pairs, 1].
  public static func losses(
    _ chosen: Tensor, _ rejected: Tensor, _ pairs: [Preference], margin: Bool = false, soft: Bool = false,
    center: Float = 0
  ) throws -> Tensor {
    func column(_ value: (Preference) -> Double) throws -> Tensor {
      try Tensor([pairs.count, 1], pairs.map { Float(value($0)) })
    }
    var d = try chosen - rejected
    if margin { d = try d - column(\.margin) }
    var loss = try d.logSigmoid().scaled(by: -1)
    if soft {
      let p = try column(\.agreement), q = try column { 1 - $0.agreement }
      loss = try p * loss - q * d.scaled(by: -1).logSigmoid()
    }
    guard center > 0 else { return loss }
    let both = try chosen + rejected
    return try loss + (both * both).scaled(by: center)
  }
}
