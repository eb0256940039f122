import Events
import Options
import Training

/// `score`: the second of the half-steps of a trainer that learns from the model's own answers.
public struct ScoreCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "score", "Says what each of the model's answers is worth.",
    formula: "r = reward(prompt, answer)",
    use: "Half-steps of ppo, grpo, rloo and best: rollout, score, advantages, update. step does all four.",
    examples: ["rollout", "score", "advantages", "update"], changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Does it, and whatever stands before it that was not done.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    let experience = try subject.trainer.score(subject.model, source, interrupt: session.interrupt)
    AnswersView.tell(experience, session)
    return Done()
  }
}
