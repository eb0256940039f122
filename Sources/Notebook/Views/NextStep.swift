import Engine
import Networks
import Training

/// The training step that comes next, tried out: what it would do is known, and nothing has moved.
///
/// It is the real step, dropout and clipping included: a trainer of its own makes it from the same state, and
/// the parameters get their values back.
struct NextStep {
  /// The gradients by parameter.
  private let gradients: [ObjectIdentifier: Tensor]
  /// What the step says of itself.
  let report: StepReport
  /// Trainable parameters with their values before and after.
  let changes: [(parameter: Parameter, before: Tensor, after: Tensor)]
  /// What the trainer would remember.
  let state: TrainerState
  /// Bytes that the forward pass keeps for going back.
  let held: Int
  /// Bytes in use at the most, beyond what there was before the step.
  let peak: Int

  /// Tries the next step; throws where there is no data, nothing to train, or a number is not finite.
  init(_ subject: Subject, interrupt: Interrupt? = nil) throws {
    guard let source = subject.source else { throw Session.noData }
    let model = subject.model, trial = Trainer(), profile = Profile.current ?? Profile()
    trial.state = subject.trainer.state
    let before = model.trainable.map { ($0, $0.value) }
    defer { for (parameter, value) in before { parameter.value = value } }
    (held, gradients, report) = try Profile.$current.withValue(profile) {
      try trial.forward(model, source, interrupt: interrupt)
      let held = profile.bytes.now
      let found = try trial.backward(interrupt: interrupt)
      // Asked for now: the gradients are known by their tape, which goes with the trial.
      let known = before.compactMap { one in found[one.1].map { (ObjectIdentifier(one.0), $0) } }
      return (held, Dictionary(known) { first, _ in first }, try trial.update(model))
    }
    peak = profile.bytes.most
    state = trial.state
    changes = before.map { ($0, $1, $0.value) }
  }

  /// The next step tried twice, for its memory: the first run leaves forms of the frozen weights behind (turned round,
  /// say), which are not kept for going back.
  static func settled(_ subject: Subject, interrupt: Interrupt? = nil) throws -> NextStep {
    _ = try NextStep(subject, interrupt: interrupt)
    return try NextStep(subject, interrupt: interrupt)
  }

  /// The gradient of a parameter; nil where the loss of the batch does not depend on it at all.
  func gradient(of parameter: Parameter) -> Tensor? { gradients[ObjectIdentifier(parameter)] }
}
