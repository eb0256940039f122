import Events
import Options

/// `rollout`: the first of four of the half-steps of a trainer that learns from the model's own answers.
public struct RolloutCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "rollout", "Draws answers to the prompts of the next batch.",
    formula: "answers are drawn token by token from softmax(logits / temperature)",
    use: AnswerHalf.use, examples: AnswerHalf.examples, changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Does it, and whatever stands before it that was not done.
  public func run(_ session: Session) throws -> Done {
    try AnswerHalf.run(session) { try $0.rollout($1, $2, interrupt: $3) }
  }
}
