import Notebook
import Options

/// `resume`: back from free play.
public struct ResumeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "resume", "Comes back from free play to the lesson, bit for bit.", examples: ["resume"])

  /// What was typed.
  public var call = Call()

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).resume(session)
    return .unrecorded
  }
}
