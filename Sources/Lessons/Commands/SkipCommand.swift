import Notebook
import Options

/// `skip`: past a task.
public struct SkipCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "skip", "Runs a reference answer from the start of the task and goes on.", examples: ["skip"])

  /// What was typed.
  public var call = Call()

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).skip(session)
    return .unrecorded
  }
}
