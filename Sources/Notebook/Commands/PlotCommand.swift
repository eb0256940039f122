import Engine
import Events
import Options

/// `plot`: curves.
public struct PlotCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "plot", "Draws a curve: the loss of the steps so far, or the numbers of formulas.",
    examples: [
      "plot", "plot loss", "plot reward kl", "plot loss save=loss.svg", "plot svd(delta(blocks.0.attn.qkv))",
      "plot svd(blocks.0.attn.q) svd(blocks.1.attn.q)",
    ])

  /// Where the picture is written; empty: nowhere.
  public var save = ""
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<PlotCommand>] {
    [Option("save", \.save, "write it as a picture too: FILE.svg", kind: .path)]
  }
  /// Formulas.
  public static var takes: Takes { Takes("[loss | FORMULA …]", 0...8, isFormula: true) { _, _ in ["loss"] } }

  /// The loss.
  public init() {}

  /// Draws it.
  public func run(_ session: Session) throws -> Done {
    let formulas = try call.formulas()
    try session.drawing(to: save) { session.emit(.curve(try Self.curve(formulas, session))) }
    return .unrecorded
  }

  private static func curve(_ formulas: [Formula], _ session: Session) throws -> Curve {
    guard !formulas.isEmpty else { return Curve([try LossView.series(session.current())]) }
    let areLosses = formulas.allSatisfy {
      $0.text == "loss" || session.currentSubject?.trainer.state.figures.names.contains($0.text) == true
    }
    return Curve(try formulas.map { try series($0, session) }, axis: areLosses ? "step" : "number")
  }

  private static func series(_ formula: Formula, _ session: Session) throws -> Curve.Series {
    if formula.text == "loss", session.bindings["loss"] == nil {
      return try LossView.series(session.current())
    }
    if session.bindings[formula.text] == nil, let series = try session.figures(formula.text) { return series }
    let numbers = try formula.value(session).numbers(at: formula.place)
    guard numbers.count > 1 else {
      throw Failure(
        "\(formula.text) is one number; a curve needs several.",
        cure: "watch \(formula.text) shows it after each step",
        place: formula.place)
    }
    return Curve.Series(formula.text, y: numbers.map { Double(shortest: $0) })
  }
}

extension Value {
  /// All numbers in it, one after the other; throws for texts and models.
  func numbers(at place: Range<Int>? = nil) throws -> [Float] {
    switch self {
    case .tensor(let t, _): return t.scalars
    case .number(let x): return [Float(x)]
    case .flag(let on): return [on ? 1 : 0]
    case .list(let items): return try items.flatMap { try $0.numbers(at: place) }
    default:
      throw Failure("this needs numbers, not \(kind).", cure: "For example blocks.0.attn.q", place: place)
    }
  }
}
