import Engine
import Events
import Options

/// `plot`: curves.
public struct PlotCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "plot", "Draws a curve: the loss of the steps so far, or the numbers of formulas.",
    examples: [
      "plot", "plot loss", "plot svd(delta(blocks.0.attn.qkv))",
      "plot svd(blocks.0.attn.q) svd(blocks.1.attn.q)",
    ])

  /// What was typed.
  public var call = Call()
  /// Formulas.
  public static var takes: Takes { Takes("[loss | FORMULA …]", 0...8, isFormula: true) { _, _ in ["loss"] } }

  /// The loss.
  public init() {}

  /// Draws it.
  public func run(_ session: Session) throws -> Done {
    let formulas = try call.formulas()
    guard !formulas.isEmpty else {
      session.emit(.curve(Curve([try LossView.series(session.current())])))
      return .unrecorded
    }
    let series = try formulas.map { try Self.series($0, session) }
    let areLosses = formulas.allSatisfy { $0.text == "loss" }
    session.emit(.curve(Curve(series, axis: areLosses ? "step" : "number")))
    return .unrecorded
  }

  private static func series(_ formula: Formula, _ session: Session) throws -> Curve.Series {
    if formula.text == "loss", session.bindings["loss"] == nil {
      return try LossView.series(session.current())
    }
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
