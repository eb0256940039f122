import Events
import Options

/// `hist`: how the numbers of a formula are distributed.
public struct HistCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "hist", "Shows how the numbers of a formula are distributed.",
    examples: ["hist blocks.0.attn.q", "hist act(blocks.0.mlp.up)", "hist grad(blocks.0.attn.qkv.weight)"])

  /// Where the picture is written; empty: nowhere.
  public var save = ""
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<HistCommand>] {
    [Option("save", \.save, "write it as a picture too: FILE.svg", kind: .path)]
  }
  /// A formula.
  public static var takes: Takes { Takes("FORMULA", 1...8, isFormula: true) }

  /// None yet.
  public init() {}

  /// Counts and shows them.
  public func run(_ session: Session) throws -> Done {
    let formulas = try call.formulas()
    try session.drawing(to: save) {
      for formula in formulas {
        let numbers = try formula.value(session).numbers(at: formula.place)
        guard !numbers.isEmpty else {
          throw Failure("\(formula.text) holds no numbers.", place: formula.place)
        }
        session.emit(.histogram(Histogram(formula.text, values: numbers)))
      }
    }
    return .unrecorded
  }
}
