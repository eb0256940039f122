import Data
import Engine
import Networks
import Options

/// Supervised fine-tuning: the likelihood of the tokens that carry loss.
///
///     loss = −Σ log p(token) / #tokens        dft: each token's loss times its own probability, held fixed
///
/// Wu et al. 2025, arXiv:2508.05629 (dft).
public struct SFT: Objective {
  /// How a token's loss counts.
  public enum Form: String, Sendable, CaseIterable { case nll, dft }

  /// How a token's loss counts.
  public var form = Form.nll

  /// What it says of itself.
  public static let card = Card(
    "sft", "Learns to say what the data say: supervised fine-tuning.",
    formula: "loss = −Σ log p(token) / #tokens, over the tokens that carry loss",
    paper: "Ouyang et al. 2022, arXiv:2203.02155",
    use: "The first stage of alignment; also any task with labels. show mask says which tokens count.",
    examples: ["trainer sft", "trainer sft loss=dft"],
    notes: [
      "The divisor is the number of tokens that count in the whole batch, not rows times columns.",
      "loss=dft weighs each token by its probability, which keeps rare tokens from leading (arXiv:2508.05629).",
    ])

  /// Its options.
  public static var options: [Option<SFT>] { [Option("loss", \.form, "how a token's loss counts")] }

  /// Plain likelihood.
  public init() {}

  /// Some token, or some row's class, must count.
  public func check(_ model: Model, _ batch: Batch) throws {
    guard batch.preferences == nil else {
      throw Failure("these data are pairs, and sft learns from single texts.", cure: "trainer dpo")
    }
    guard Loss.counted(model, batch) > 0 else {
      let isOnce = model.network.answers == .rows
      throw Failure(
        isOnce
          ? "no row of this batch has a class, and this model answers with classes."
          : "no token of this batch carries loss: every label is masked.",
        cure: "Look at the labels: show batch")
    }
  }

  /// The mean of −log p over what counts.
  public func loss(_ model: Model, _ batch: Batch, _ pass: Pass, _ state: TrainerState) throws -> Loss {
    guard form == .dft, model.network.answers == .positions else { return try Loss(model, batch, pass) }
    try Loss.check(model, batch)
    let scores = try AnswerScores(model, batch, pass), held = try scores.values.plain.exp()
    // Places that do not count hold 0 = log 1 and add nothing.
    let loss = try (scores.values * held).sum().scaled(by: -1 / Float(max(1, scores.counted)))
    return Loss(loss: loss, each: scores.each.map { -$0 }, places: scores.places)
  }
}
