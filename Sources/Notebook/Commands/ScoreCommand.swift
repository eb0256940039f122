import Events
import Options

/// `score`: the second of the half-steps of a trainer that learns from the model's own answers.
public struct ScoreCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "score", "Says what each of the model's answers is worth.",
    formula: "r = reward(prompt, answer)",
    use: AnswerHalf.use, examples: AnswerHalf.examples, changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Does it, and whatever stands before it that was not done.
  public func run(_ session: Session) throws -> Done {
    try AnswerHalf.run(session) { try $0.score($1, $2, interrupt: $3) }
  }
}
