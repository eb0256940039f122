import Events
import Options

/// `forward`: the first third of a step.
public struct ForwardCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "forward", "Runs the next batch through the model and remembers how: the loss, and a tape of every op.",
    examples: ["forward", "backward", "update"], changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Runs it.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    let loss = try subject.trainer.forward(subject.model, source, interrupt: session.interrupt)
    session.emit(
      .facts(
        Facts(
          "forward",
          [
            .init("loss", .number(subject.trainer.half?.mean ?? loss.loss.item)),
            .init("targets", .count(loss.each.count)),
            .init("ops on the tape", .count(subject.trainer.half?.count ?? 0)),
          ])))
    return Done()
  }
}
