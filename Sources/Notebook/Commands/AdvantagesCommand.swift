import Events
import Options

/// `advantages`: the third of the half-steps of a trainer that learns from the model's own answers.
public struct AdvantagesCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "advantages", "Says by how much each token is to become likelier or less likely.",
    formula: "ppo: A = GAE(r, V)        grpo: (r − mean)/std        rloo: r − mean of the others",
    use: AnswerHalf.use, examples: AnswerHalf.examples, changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Does it, and whatever stands before it that was not done.
  public func run(_ session: Session) throws -> Done {
    try AnswerHalf.run(session) { try $0.advantages($1, $2, interrupt: $3) }
  }
}
