import Notebook
import Options

/// `hint`: a hint for the task at hand.
public struct HintCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "hint", "Shows the next hint for a task; hint -1 the one before.", examples: ["hint", "hint -1"])

  /// What was typed.
  public var call = Call()
  /// The direction.
  public static var takes: Takes { Takes("[-1]", 0...1) }

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).hint((try call.integer(0, "a number") ?? 1) < 0 ? -1 : 1, session)
    return .unrecorded
  }
}
