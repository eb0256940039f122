import Engine
import Networks
import Training

/// What `rollout`, `score` and `advantages` share: each does its half-step and whatever stands before it, and shows the
/// answers.
enum AnswerHalf {
  static let use =
    "Half-steps of ppo, grpo, rloo and best: rollout, score, advantages, update. step does all four."
  static let examples = ["rollout", "score", "advantages", "update"]

  static func run(
    _ session: Session, _ half: (Trainer, Model, any BatchSource, Interrupt) throws -> Experience
  ) throws -> Done {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    AnswersView.tell(try half(subject.trainer, subject.model, source, session.interrupt), session)
    return Done()
  }
}
