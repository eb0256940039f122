import Engine
import Events
import Options
import Training

/// `step`: training steps, forwards and backwards.
public struct StepCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "step", "Makes training steps; a negative number goes back, bit for bit.",
    formula:
      "forward: loss = mean −log p(target)        backward: g = ∂loss/∂p        update: p ← optimizer(p, g)",
    use:
      "Ctrl-C stops after the step that is running and keeps what was done; a second Ctrl-C cancels that step.",
    examples: ["step", "step 10", "step -3", "step slow"], changes: true)

  /// Whether each half is told.
  public var slow = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<StepCommand>] { [Option("slow", \.slow, "tell each half of a step")] }
  /// How many.
  public static var takes: Takes { Takes("[N]", 0...1) { _, _ in ["1", "10", "-1", "-10"] } }

  /// One step.
  public init() {}

  /// Goes forward or back.
  public func run(_ session: Session) throws -> Done {
    let steps = try call.integer(0, "a number of steps") ?? 1
    if steps < 0 { return try back(-max(steps, -Int.max), session) }
    return try Training.run(steps, session, isSlow: slow)
  }

  private func back(_ steps: Int, _ session: Session) throws -> Done {
    let subject = try session.current()
    let (found, there) = session.timeline.back(steps, from: session.timeline.head)
    guard let moment = found else {
      throw Failure(
        "there are \(there) training steps to go back, not \(steps).",
        cure: there > 0 ? "step -\(there) goes to the start" : "step makes one", place: call.places.first)
    }
    try session.travel(to: moment)
    let loss = (try? session.value(of: "loss()").asNumber).flatMap { $0 }
    let now = session.currentSubject?.trainer.state.step ?? subject.trainer.state.step
    session.say(
      StyledText("back at step \(now)") + (loss.map { StyledText("   loss \(formatted($0))") } ?? "")
        + .dim("   (weights, optimizer, chance and data position restored)"))
    var done = Done()
    done.alias = moment
    return done
  }
}

/// Training for the commands that do it: progress, what moved, and a state for every step.
enum Training {
  /// Makes so many steps, stopping where an interrupt asks for it.
  ///
  /// A step that fails after others were made ends the run: those stand, and the failure is told afterwards.
  ///
  /// Within a longer `run` its progress is told as a part of that one, and no more.
  static func run(_ steps: Int, _ session: Session, isSlow: Bool = false) throws -> Done {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    guard steps > 0 else {
      throw Failure("\(steps) steps do nothing.", cure: "step makes one, step -1 takes one back")
    }
    if let replay = session.replay {
      return try again(min(steps, replay.limit), subject, source, session, replay)
    }
    var done = Done(), losses: [Float] = [], last: StepReport?, shown = 0
    done.subject = subject.name
    let clock = ContinuousClock(), start = clock.now
    let first = subject.trainer.state.step, begun = subject.phase == .none ? nil : session.capture()
    while losses.count < steps, !session.interrupt.isRaised {
      do {
        let report = try subject.trainer.step(subject.model, source, interrupt: session.interrupt)
        last = report
        losses.append(report.loss)
        session.stepped(subject, loss: report.loss)
        if isSlow || (losses.count == 1 && first == 0 && session.trainingRun == nil) {
          tell(report, subject, session, isSlow: isSlow)
        }
        try session.showWatches()
        session.warn(report, subject)
      } catch EngineError.interrupted {
        session.say(
          StyledText(
            "step \(first + losses.count + 1) is cancelled; the model is at step \(first + losses.count)"))
        break
      } catch  where !losses.isEmpty {
        done.failure = error
        break
      }
      let spent = seconds(clock.now - start)
      if Int(spent * 10) != shown {
        shown = Int(spent * 10)
        if let run = session.trainingRun {
          run.tellProgress(losses, session)
        } else if steps >= 10, losses.count < steps {
          session.emit(progress(losses.count, steps, subject, spent, losses, isFinished: false))
        }
      }
    }
    guard let last else {
      if let begun { try session.restore(begun) }  // a cancelled step takes what was begun of it along
      return .unrecorded
    }
    if losses.count != steps { done.steps = losses.count }
    if let run = session.trainingRun {
      run.made += losses
    } else {
      conclude(
        last, losses, of: steps, from: first, seconds(clock.now - start), subject, session, isSlow: isSlow)
    }
    return done
  }

  /// Makes steps again that were made before.
  private static func again(
    _ steps: Int, _ subject: Subject, _ source: any BatchSource, _ session: Session, _ replay: Replay
  ) throws -> Done {
    for _ in 0..<steps {
      try subject.trainer.step(subject.model, source, interrupt: session.interrupt)
      try replay.tick(session)
    }
    return .unrecorded
  }

  private static func conclude(
    _ last: StepReport, _ losses: [Float], of steps: Int, from first: Int, _ spent: Double,
    _ subject: Subject,
    _ session: Session, isSlow: Bool
  ) {
    let made = losses.count
    if steps >= 10 {
      session.emit(progress(made, steps, subject, spent, losses, isFinished: true))
    } else if !isSlow && !(first == 0 && made == 1) {
      session.say(
        StyledText(
          "step \(last.step)   loss \(formatted(last.loss))   ‖grad‖ \(formatted(last.gradientNorm))"))
    }
    session.show(last.figures)
    guard made < steps else { return }
    session.say(
      StyledText(
        (steps < 10 ? "stopped after step \(last.step); " : "") + "model and optimizer are consistent"))
    session.say(
      .dim(
        "step \(steps - made) goes on · step -\(made) goes back to step \(first) · undo forgets all \(made)"))
  }

  private static func tell(_ report: StepReport, _ subject: Subject, _ session: Session, isSlow: Bool) {
    session.say(
      StyledText(
        "step \(report.step)   loss \(formatted(report.loss))   ‖grad‖ \(formatted(report.gradientNorm))   lr \(formatted(report.rate))"
      ))
    let trainable = subject.model.trainable.count, moved = report.moved
    let frozen = subject.model.parameters.count - trainable
    session.say(
      StyledText("\(moved.count) of \(trainable) trainable tensors moved; \(frozen) frozen ones did not"))
    if moved.isEmpty { session.emit(.note(Note("nothing moved: is lr 0, or every gradient?", .warning))) }
    if report.clipped < 1 && isSlow {
      session.say(.dim("gradients were clipped: times \(formatted(report.clipped))"))
    }
  }

  private static func progress(
    _ made: Int, _ steps: Int, _ subject: Subject, _ spent: Double, _ losses: [Float], isFinished: Bool
  ) -> Event {
    let rate = Double(made) / max(spent, 1e-9)
    return .progress(
      ProgressLine(
        made, of: steps, unit: "step", loss: losses.last.map { Double(shortest: $0) }, rate: rate,
        eta: isFinished ? nil : Double(steps - made) / rate, elapsed: spent,
        values: losses.map { Double($0) },
        finished: isFinished))
  }

  static func seconds(_ d: Duration) -> Double {
    Double(d.components.seconds) + Double(d.components.attoseconds) * 1e-18
  }
}

extension Session {
  /// Warns where something began to run away, with what to try.
  func warn(_ report: StepReport, _ subject: Subject) {
    guard let found = report.runaway else { return }
    let brake = (subject.trainer.state.objective as? any Practice)?.brake
    emit(.note(Note(StyledText("step \(report.step): \(found.what)"), .warning)))
    say(.dim("try " + found.cure(brake, rate: subject.trainer.rate(for: subject.model))))
  }

  /// Shows what `watch` asked for, after a step.
  func showWatches() throws {
    guard !watches.isEmpty else { return }
    emit(.facts(Facts(StyledText("step \(try current().trainer.state.step)"), watchedFacts)))
  }
}
