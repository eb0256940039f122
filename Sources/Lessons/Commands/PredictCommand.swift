import Notebook
import Options

/// `predict`: an answer to the question of a lesson.
public struct PredictCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "predict", "Answers the question that a lesson asks; without an answer, passes it.",
    examples: ["predict b", "predict"])

  /// What was typed.
  public var call = Call()
  /// The answer.
  public static var takes: Takes { Takes("[ANSWER]", 0...200) }

  /// As typed.
  public init() {}

  /// Does it.
  public func run(_ session: Session) throws -> Done {
    try LessonPlayer.of(session).predict(
      call.words.map { $0.asText ?? "\($0)" }.joined(separator: " "), session)
    return .unrecorded
  }
}
