import Engine
import Networks
import Training

/// A model's changing parts, and those of its training, as kept references.
struct SubjectState {
  let subject: Subject
  let model: ModelState
  let chance: Chance
  let trainer: TrainerState
  let source: (any BatchSource)?
  let sourceLine: String?
  let task: TaskFacts?
  let hooks: [(hook: Hook, isOn: Bool)]
  let lastEvaluation: Evaluation?
  let phase: Phase

  /// How far a step was begun when the state was taken.
  enum Phase: String { case none, rollout, score, advantages, forward, backward }

  init(_ subject: Subject) {
    self.subject = subject
    model = subject.model.state
    chance = subject.model.chance
    trainer = subject.trainer.state
    source = subject.source
    sourceLine = subject.sourceLine
    task = subject.task
    hooks = subject.hooks.map { ($0, $0.isOn) }
    lastEvaluation = subject.lastEvaluation
    phase = subject.phase
  }

  /// Puts everything back. A step that was begun is a function of the rest: it is made again.
  func restore() throws {
    subject.model.restore(model)
    subject.model.chance = chance
    for hook in subject.hooks { hook.site.remove(hook) }
    subject.hooks = hooks.map(\.hook)
    for (hook, isOn) in hooks {
      hook.isOn = isOn
      hook.site.place(hook.edit, by: hook)
    }
    subject.trainer.state = trainer
    subject.source = source
    subject.sourceLine = sourceLine
    subject.task = task
    subject.lastEvaluation = lastEvaluation
    subject.trainer.cancel()
    guard phase != .none, let source else { return }
    // Where the data has changed since so that it cannot be made again, it is let go.
    do { try subject.begin(phase, source) } catch { subject.trainer.cancel() }
  }
}

extension Subject {
  /// How far a step is begun that still fits the model.
  var phase: SubjectState.Phase {
    if let half = trainer.half, half.fits(model) { return half.gradients == nil ? .forward : .backward }
    switch trainer.experience(of: model)?.phase {
    case .rollout: return .rollout
    case .score: return .score
    case .advantages: return .advantages
    case nil: return .none
    }
  }

  /// Begins a step as far as it was begun.
  func begin(_ phase: SubjectState.Phase, _ source: any BatchSource) throws {
    switch phase {
    case .none: break
    case .rollout: try trainer.rollout(model, source)
    case .score: try trainer.score(model, source)
    case .advantages: try trainer.advantages(model, source)
    case .forward, .backward:
      try trainer.forward(model, source)
      if phase == .backward { try trainer.backward() }
    }
  }
}
