import Events
import Options

/// `update`: the last third of a step.
public struct UpdateCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "update", "Moves what trains along the gradients that backward left.", formula: "p ← optimizer(p, g)",
    examples: ["forward", "backward", "update"], changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Moves them and says what moved.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let report = try subject.trainer.update(subject.model, interrupt: session.interrupt)
    let all = subject.model.trainable.count
    session.say(
      StyledText("step \(report.step) done   \(report.moved.count) of \(all) trainable tensors moved"))
    let names = report.moved.prefix(6).joined(separator: " ") + (report.moved.count > 6 ? " …" : "")
    session.say(.dim(names.isEmpty ? "nothing moved" : names))
    session.show(report.figures)
    var done = Done()
    done.subject = subject.name
    session.stepped(subject, loss: report.loss)
    session.warn(report, subject)
    return done
  }
}
