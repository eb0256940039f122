import Events
import Options

/// `hist`: how the numbers of a formula are distributed.
public struct HistCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "hist", "Shows how the numbers of a formula are distributed.",
    examples: ["hist blocks.0.attn.q", "hist act(blocks.0.mlp.up)", "hist grad(blocks.0.attn.qkv.weight)"])

  /// What was typed.
  public var call = Call()
  /// A formula.
  public static var takes: Takes { Takes("FORMULA", 1...8, isFormula: true) }

  /// None yet.
  public init() {}

  /// Counts and shows them.
  public func run(_ session: Session) throws -> Done {
    for formula in try call.formulas() {
      let numbers = try formula.value(session).numbers(at: formula.place)
      guard !numbers.isEmpty else { throw Failure("\(formula.text) holds no numbers.", place: formula.place) }
      session.emit(.histogram(Histogram(formula.text, values: numbers)))
    }
    return .unrecorded
  }
}
