import Engine
import Events
import FileSystem
import Options
import Training

/// A run of training with evaluations: what `train every=…` does.
///
/// It types for the user: `step 10`, an evaluation, a line in the log, a checkpoint, `step 10` … and at the end, where
/// the best of the evaluations is asked for, `step -20` back to it. So the tape holds steps and nothing else, and undo
/// and checkpoints need nothing of their own.
final class TrainingRun {
  /// An evaluation and the step that it was made after.
  struct Found {
    let step: Int
    let evaluation: Evaluation

    /// Balanced over the labels where there are labels.
    var accuracy: Double { evaluation.classification?.balancedAccuracy ?? evaluation.accuracy }
  }

  private let command: TrainCommand
  private let subject: Subject
  private let source: any BatchSource
  private let steps: Int, every: Int
  private let log: String?, folder: String?
  private let first: Int
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var best: Found?
  private var worse = 0
  /// The losses of the steps so far.
  var made: [Float] = []

  /// A run; throws for what cannot be, before anything is done.
  init(_ command: TrainCommand, _ steps: Int, _ session: Session) throws {
    guard steps > 0 else {
      throw Failure("train \(steps) does nothing.", cure: "train 100 makes a hundred steps")
    }
    subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    self.source = source
    guard !subject.model.trainable.isEmpty else {
      throw Failure("nothing is trainable: a step would move nothing.", cure: "attach lora")
    }
    (self.command, self.steps) = (command, steps)
    every = command.every > 0 ? command.every : max(1, steps / 10)
    let files = session.surroundings.files
    log = command.log.isEmpty ? nil : session.path(command.log)
    folder = command.save.isEmpty ? nil : session.path(command.save)
    if let log, case .folder? = try files.kind(at: log) {
      throw Failure("\(shown(log)) is a folder.", cure: "log= takes a file: log=\(command.log)/log.jsonl")
    }
    if let log { try files.makeFolders(Path.parent(of: log)) }
    if let folder {
      switch try files.kind(at: folder) {
      case .folder?: break
      case nil: try files.makeFolders(folder)
      default: throw Failure("\(shown(folder)) is a file.", cure: "save= takes a folder")
      }
    }
    first = subject.trainer.state.step
    start = clock.now
  }

  /// Trains; what goes wrong after the first steps is told, and those stand.
  func run(_ session: Session) throws -> Done {
    var done = Done.unrecorded
    session.trainingRun = self
    defer { session.trainingRun = nil }
    do {
      if let line = rateLine() { try session.perform(line) }
      try evaluate(session)
      while made.count < steps, !session.isStopped {
        let before = made.count
        try session.perform("step \(min(every, steps - before)) @\(subject.name)")
        guard made.count > before, !session.isStopped else { break }
        try evaluate(session)
        if command.patience > 0, worse >= command.patience {
          session.say(StyledText("no better for \(counted(worse, "evaluation")): the run ends here"))
          break
        }
      }
      session.trainingRun = nil
      try conclude(session)
    } catch EngineError.interrupted {
      session.say(.dim("the evaluation was stopped; the steps stand"))
    } catch {
      // Not thrown: the lines that were typed stand on the tape, and so must what they did.
      done.failure = error
    }
    return done
  }

  /// The line that sets the rate and its schedule, where they are given.
  private func rateLine() -> String? {
    let rate = command.lr > 0 ? " \(command.lr)" : ""
    let schedule =
      command.schedule == .keep
      ? "" : " schedule=\(command.schedule.rawValue) warmup=\(command.warmup) total=\(steps) begin=\(first)"
    return rate.isEmpty && schedule.isEmpty ? nil : "lr\(rate)\(schedule) @\(subject.name)"
  }

  /// Goes back to the best evaluation where that is asked for, and says where the run stands.
  private func conclude(_ session: Session) throws {
    let now = subject.trainer.state.step
    session.emit(progress(made, session, isFinished: true))
    let trainable = subject.model.trainable, moved = subject.trainer.state.moved
    let count = trainable.count { moved.contains($0.name) }
    session.say(.dim("\(count) of \(trainable.count) trainable tensors have moved since training began"))
    if session.isStopped {
      session.say(.dim("stopped after step \(now); model and optimizer are consistent"))
    } else if command.best != .no, let best, best.step < now {
      session.say(
        StyledText(
          "best at step \(best.step): the \(counted(now - best.step, "step")) after it are taken back"))
      try session.perform("step -\(now - best.step) @\(subject.name)")
    }
  }

  // MARK: Evaluations

  private func evaluate(_ session: Session) throws {
    let evaluation = try EvalCommand.measure(subject, session, split: EvalCommand.choosing(session))
    let found = Found(step: subject.trainer.state.step, evaluation: evaluation)
    subject.lastEvaluation = evaluation
    let isBetter = isBetter(found)
    if isBetter { (best, worse) = (found, 0) } else { worse += 1 }
    tell(found, isBest: isBetter && !made.isEmpty, session)
    if let log { try note(found, in: log, session.surroundings.files) }
    if folder != nil, !made.isEmpty {
      let path = command.save + "/step-\(found.step)"
      try session.perform("save \(Syntax.spelling(of: .text(path)));")
    }
  }

  private func isBetter(_ found: Found) -> Bool {
    guard let best else { return true }
    return command.best == .accuracy
      ? found.accuracy > best.accuracy : found.evaluation.loss < best.evaluation.loss
  }

  private func tell(_ found: Found, isBest: Bool, _ session: Session) {
    var line = StyledText("step \(found.step)")
    if let epoch = source.epoch {
      let epochs = Double(found.step * subject.trainer.state.accumulate) / epoch
      line += StyledText("   epoch \(formatted(epochs))")
    }
    if !made.isEmpty { line += StyledText("   loss \(formatted(recent))") }
    line += StyledText("   evaluated ") + .strong(formatted(found.evaluation.loss))
    let name = found.evaluation.classification == nil ? "accuracy" : "balanced"
    line += StyledText("   \(name) \(formatted(found.accuracy))")
    session.say(isBest ? line + .dim("   best so far") : line)
  }

  /// The mean loss of the steps since the last evaluation.
  private var recent: Double {
    let last = made.suffix(max(1, (made.count - 1) % every + 1))
    return last.reduce(0) { $0 + Double($1) } / Double(last.count)
  }

  /// Adds a line to the log; the file is whole at every moment.
  private func note(_ found: Found, in log: String, _ files: any Files) throws {
    var fields: JSON.Object = ["step": .integer(found.step)]
    if let epoch = source.epoch {
      fields["epoch"] = .exact(Float(Double(found.step * subject.trainer.state.accumulate) / epoch))
    }
    if !made.isEmpty { fields["loss"] = .exact(Float(recent)) }
    fields["learning_rate"] = .exact(
      subject.trainer.rate(for: subject.model) * subject.trainer.state.schedule.factor(found.step))
    fields["eval_loss"] = .exact(Float(found.evaluation.loss))
    fields["eval_accuracy"] = .exact(Float(found.accuracy))
    fields["seconds"] = .exact(Float(Training.seconds(clock.now - start)))
    let old = try files.exists(log) ? files.text(of: log) : ""
    try files.write(log, text: old + JSON.object(fields).text() + "\n")
  }

  // MARK: Progress

  /// Tells how far the run is, in the middle of a `step`.
  func tellProgress(_ losses: [Float], _ session: Session) {
    session.emit(progress(made + losses, session, isFinished: false))
  }

  private func progress(_ losses: [Float], _ session: Session, isFinished: Bool) -> Event {
    let spent = Training.seconds(clock.now - start), rate = Double(losses.count) / max(spent, 1e-9)
    return .progress(
      ProgressLine(
        losses.count, of: isFinished ? losses.count : steps, unit: "step",
        loss: losses.last.map { Double(shortest: $0) }, rate: rate,
        eta: isFinished ? nil : Double(steps - losses.count) / max(rate, 1e-9), elapsed: spent,
        values: losses.map { Double($0) }, finished: isFinished))
  }
}
