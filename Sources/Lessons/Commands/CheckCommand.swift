import Notebook
import Options

/// `check`: how far a task is.
public struct CheckCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "check", "Says which conditions of the task hold by now.", examples: ["check"])

  /// What was typed.
  public var call = Call()

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).check(session)
    return .unrecorded
  }
}
