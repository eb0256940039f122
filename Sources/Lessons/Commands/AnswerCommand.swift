import Notebook
import Options

/// `answer`: a reference answer of a task.
public struct AnswerCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "answer", "Shows one way to do the task, without running it.", examples: ["answer"])

  /// What was typed.
  public var call = Call()

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).answer(session)
    return .unrecorded
  }
}
