import Networks
import Options

/// Head tuning, or linear probing: the base is frozen whole, and only the task's head learns from what the base makes
/// of its input. Kumar et al. 2022, arXiv:2202.10054, on when this does better than training everything.
///
///     logits = W·h + b        W, b trained; h, the base's state, frozen
///
/// The loss is convex in W and b, so training finds the one best line through frozen features; and those can be
/// computed once. What the features do not hold no head can find. It is the floor to measure other methods by: they
/// train the head too, so what they reach beyond it is their own.
public struct HeadTuning: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "head", "Trains the task's head and nothing below it (linear probing).",
    formula: "logits = W·h + b        W, b trained, h frozen",
    paper: "Kumar et al. 2022, arXiv:2202.10054",
    use:
      "When the base's features already tell the classes apart, and as the floor to measure other methods by.",
    examples: ["attach head", "lr 1e-2"],
    notes: [
      "A head that shares the embedding's weight (GPT's) is no task's head: make the model with classes=N."
    ],
    startsAs: .unchanged, folds: .already, rate: 1e-2)

  /// With no options.
  public init() {}

  /// Throws where the head is not the task's own.
  public func supports(_ model: Model) throws {
    guard model.directory.parameters.contains(where: trains) else {
      throw Failure(
        "this model's head shares its weight with the embedding: there is no head by itself to train.",
        cure: "A model that answers with classes has one: gpt classes=2, bert, vit")
    }
  }

  /// The head's weight and bias.
  public func trains(_ parameter: Parameter) -> Bool { parameter.name.hasPrefix("head.") }
}
