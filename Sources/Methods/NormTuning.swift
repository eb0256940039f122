import Engine
import Networks
import Options

/// Norm tuning: only the scales and shifts of the norms move. Zhao et al. 2023, arXiv:2312.11420.
///
///     y = norm(x) ⊙ w + b        w and b of every norm trained, all else frozen
///
/// A norm decides how loud each number of the residual stream is before a layer reads it, so a thousandth of the
/// model's numbers reaches all of it. Models with RMS norms have w only.
public struct NormTuning: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "norms", "Trains the scales and shifts of the norms and nothing else.",
    formula: "y = norm(x) ⊙ w + b        w, b trained", paper: "Zhao et al. 2023, arXiv:2312.11420",
    use: "Least storage after prompts: to adapt a model's tone or to a new kind of input, with few examples.",
    examples: ["attach norms", "attach norms on=norm1", "attach norms layers=0,1"],
    notes: ["Numbers trained: 2·width for each norm; width for RMS norms."],
    startsAs: .unchanged, folds: .already, rate: 5e-3)

  /// With no options.
  public init() {}

  /// Throws when the model has no norms.
  public func supports(_ model: Model) throws {
    guard model.sites.contains(where: { $0.kind == .norm }) else {
      throw Failure("this model has no norms to train.", cure: "Try: attach lora")
    }
  }

  /// As peft has it for the architecture (in BLOOM the norm of the embeddings stays); else all norms.
  public static func targets(_ model: Model) -> [String] { model.architecture.targets["norms"] ?? [] }

  /// The chosen norms' weights and biases.
  public func trains(_ parameter: Parameter, at sites: [Site], isEverywhere: Bool) -> Bool {
    sites.contains { $0.kind == .norm && ($0.weight === parameter || $0.bias === parameter) }
  }
}
