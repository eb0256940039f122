import Events
import Options
import Training

/// `eval`: how good the model is on data that it does not train on.
public struct EvalCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "eval", "Measures loss and accuracy on data that is not trained on.",
    use: "The alphabet is evaluated on every row there is; other data on their held-out part.", examples: ["eval", "eval base"],
    changes: true)

  /// Whether attachments are left out.
  public var base = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<EvalCommand>] { [Option("base", \.base, "leave attachments out")] }

  /// With what is attached.
  public init() {}

  /// Evaluates.
  public func run(_ session: Session) throws -> Done {
    try Self.show(session, isBase: base)
    return Done()
  }

  /// Evaluates and shows it beside the last evaluation.
  static func show(_ session: Session, isBase: Bool = false) throws {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    let now = try Evaluation(subject.model, source.evaluation(), isBase: isBase, interrupt: session.interrupt)
    let before = subject.lastEvaluation
    func fact(_ name: String, _ value: Double, _ old: Double?) -> StyledText {
      StyledText("\(name) ") + .strong(formatted(value)) + (old.map { .dim(" (was \(formatted($0)))") } ?? "")
    }
    var line = fact("loss", now.loss, before?.loss) + "   " + fact("accuracy", now.accuracy, before?.accuracy)
    if subject.task?.floor != nil { line += "   " + fact("first letter", now.firstAccuracy, before?.firstAccuracy) }
    session.say(line)
    subject.lastEvaluation = now
  }
}
