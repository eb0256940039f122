import Notebook
import Options

/// `next`: on to the next step of a lesson.
public struct NextCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "next", "Goes on in a lesson: runs the cell that waits, or passes a question.", examples: ["next"])

  /// What was typed.
  public var call = Call()

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).next(session)
    return .unrecorded
  }
}
