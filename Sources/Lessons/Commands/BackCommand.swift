import Notebook
import Options

/// `back`: one step back in a lesson.
public struct BackCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "back", "Goes back a step in a lesson, or to the start of a task.", examples: ["back"])

  /// What was typed.
  public var call = Call()

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).back(session)
    return .unrecorded
  }
}
