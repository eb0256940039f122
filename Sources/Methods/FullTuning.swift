import Networks
import Options

/// Full fine-tuning: every weight of the base moves.
///
///     W ← W − lr·update(∂loss/∂W)        for every W
///
/// Nothing is added. It is the yardstick that the other methods are measured against: the most numbers to train, with
/// two more for each in AdamW, and a whole model to store for each task.
public struct FullTuning: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "full", "Trains every weight of the base: the yardstick.", formula: "W ← W − lr·update(∂loss/∂W)",
    use: "When the task is far from what the base knows, and memory and storage for a whole model are there.",
    examples: ["attach full", "lr 3e-4"],
    notes: ["AdamW keeps two numbers for each trained one, so training takes four times the base's memory."],
    startsAs: .unchanged, folds: .already, rate: 1e-3)

  /// With no options.
  public init() {}

  /// All of them.
  public func trains(_ parameter: Parameter) -> Bool { true }
}
