import Networks
import Options

/// BitFit: only the biases move. Ben Zaken, Ravfogel & Goldberg 2022, arXiv:2106.10199.
///
///     y = x·Wᵀ + b        W frozen, b trained
///
/// Biases are about a thousandth of a large model, and choosing among skills that the model already has can often be
/// learned in them alone. Models without biases (Llama, T5) leave nothing to train.
public struct BitFit: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "bitfit", "Trains the biases and nothing else.", formula: "y = x·Wᵀ + b        W frozen, b trained",
    paper: "Ben Zaken, Ravfogel & Goldberg 2022, arXiv:2106.10199",
    use:
      "When a nudge is enough: a known skill to be chosen, few examples, least storage. Not for Llama or T5.",
    examples: ["attach bitfit", "attach bitfit norms=no"],
    notes: ["As in the paper, the norms' biases train too; norms=no leaves them."],
    startsAs: .unchanged, folds: .already, rate: 5e-3)

  /// Whether the norms' biases train too, as in the paper.
  public var norms = true

  /// Its options.
  public static var options: [Option<BitFit>] {
    [Option("norms", \.norms, "whether the norms' biases train too")]
  }

  /// With all biases.
  public init() {}

  /// Throws when the model has no biases.
  public func supports(_ model: Model) throws {
    guard model.directory.parameters.contains(where: trains) else {
      throw Failure("this model has no biases, so bitfit has nothing to train.", cure: "Try: attach lora")
    }
  }

  /// Biases.
  public func trains(_ parameter: Parameter) -> Bool {
    parameter.leaf == "bias" && (norms || !parameter.name.contains("norm"))
  }
}
