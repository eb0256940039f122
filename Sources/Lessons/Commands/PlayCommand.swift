import Notebook
import Options

/// `play`: free play inside a lesson.
public struct PlayCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "play", "Lets you try things inside a lesson; resume comes back to this very point.",
    examples: ["play", "resume"])

  /// What was typed.
  public var call = Call()

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).play(session)
    return .unrecorded
  }
}
