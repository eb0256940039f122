import Events
import Options
import Training

/// `advantages`: the third of the half-steps of a trainer that learns from the model's own answers.
public struct AdvantagesCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "advantages", "Says by how much each token is to become likelier or less likely.",
    formula: "ppo: A = GAE(r, V)        grpo: (r − mean)/std        rloo: r − mean of the others",
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
    let experience = try subject.trainer.advantages(subject.model, source, interrupt: session.interrupt)
    AnswersView.tell(experience, session)
    return Done()
  }
}
