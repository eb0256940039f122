import Engine
import Events
import Options

/// `backward`: the second third of a step.
public struct BackwardCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "backward", "Walks the tape back: a gradient for everything that trains.",
    formula: "dx = pullback(dy), op by op",
    use: "Runs forward first where that was not done.", examples: ["backward", "show grad"], changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Goes back and lists the gradients' norms.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    if subject.trainer.half == nil {
      try subject.trainer.forward(subject.model, source, interrupt: session.interrupt)
    }
    let loss = subject.trainer.half?.mean ?? .nan
    let gradients = try subject.trainer.backward(interrupt: session.interrupt)
    session.emit(.facts(Facts("backward", [.init("loss", .number(loss))])))
    let rows = subject.model.trainable.map { parameter -> [Datum] in
      [
        .words(parameter.name), .words("\(parameter.shape)"),
        Datum.number(gradients[parameter.value]?.norm ?? Float(0)),
      ]
    }
    let shown = rows.prefix(24)
    session.emit(
      .table(
        Table(
          columns: [.init("parameter", isWhole: true), "shape", .init("‖grad‖", .right, priority: 1)],
          rows: Array(shown))))
    if rows.count > shown.count { session.say(.dim("and \(rows.count - shown.count) more: show grad")) }
    return Done()
  }
}
