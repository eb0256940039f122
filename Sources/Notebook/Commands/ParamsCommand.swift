import Events
import Options

/// `params`: the parameters, or the line by which `peft` counts them.
public struct ParamsCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "params", "Lists the parameters as show params does, or counts them in the line that peft prints.",
    examples: ["params", "params *.bias", "params like=peft"],
    notes: [
      "like=peft counts as peft's print_trainable_parameters does: a head that is trained stands there twice,",
      "since peft trains a copy of it. A tied weight counts once.",
    ])

  /// Whose form the answer has.
  public enum Like: String, CaseIterable, Sendable { case graft, peft }

  /// Whose form the answer has.
  public var like = Like.graft
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<ParamsCommand>] {
    [Option("like", \.like, "peft prints its one line: trainable, all, and the share")]
  }
  /// Parameters.
  public static var takes: Takes { .parameters }

  /// Our own form.
  public init() {}

  /// Shows them.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    guard like == .peft else {
      try ParamsView().show(session, subject, call)
      return .unrecorded
    }
    let model = subject.model, trained = model.trainableCount
    let copies = model.attachments.reduce(0) { $0 + $1.head.reduce(0) { $0 + $1.count } }
    let all = model.count + copies
    let share = Double(100 * trained) / Double(max(1, all))
    let line = "trainable params: \(trained) || all params: \(all) || trainable%: \(share)"
    session.emit(.prose(Prose(whole: line)))
    return .unrecorded
  }
}
