import Engine
import Events
import Options
import Training

/// `step`: training steps, forwards and backwards.
public struct StepCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "step", "Makes training steps; a negative number goes back, bit for bit.",
    formula: "forward: loss = mean −log p(target)        backward: g = ∂loss/∂p        update: p ← optimizer(p, g)",
    use: "Ctrl-C stops after the step that is running and keeps what was done; a second Ctrl-C cancels that step.",
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
  static func run(_ steps: Int, _ session: Session, isSlow: Bool = false) throws -> Done {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    guard steps > 0 else { throw Failure("step 0 does nothing.", cure: "step makes one, step -1 takes one back") }
    var done = Done(), last: StepReport?, shown = 0
    let clock = ContinuousClock(), start = clock.now
    let first = subject.trainer.state.step
    for i in 0..<steps {
      if session.interrupt.isRaised { break }
      do {
        let report = try subject.trainer.step(subject.model, source, interrupt: session.interrupt)
        last = report
        done.steps.append(session.capture())
        done.losses.append(report.loss)
        if isSlow || (i == 0 && first == 0) { tell(report, subject, session, isSlow: isSlow) }
      } catch EngineError.interrupted {
        session.say(StyledText("step \(first + i + 1) is cancelled; the model is at step \(first + i)"))
        break
      } catch where !done.steps.isEmpty {
        session.emit(.error(FailureView(error)))
        break
      }
      try session.showWatches(after: i)
      let spent = seconds(clock.now - start)
      if steps >= 10, Int(spent * 10) != shown, i + 1 < steps {
        shown = Int(spent * 10)
        session.emit(progress(i + 1, steps, subject, spent, done.losses, isFinished: false))
      }
    }
    let made = done.steps.count
    guard made > 0, let last else {
      done.isUnrecorded = true
      return done
    }
    if made != steps { done.text = "step \(made)" }
    let spent = seconds(clock.now - start)
    if steps >= 10 {
      session.emit(progress(made, steps, subject, spent, done.losses, isFinished: true))
    } else if !isSlow && !(first == 0 && made == 1) {
      session.say(StyledText("step \(last.step)   loss \(formatted(last.loss))   ‖grad‖ \(formatted(last.gradientNorm))"))
    }
    if made < steps {
      let rest = steps - made
      session.say(StyledText("stopped after step \(last.step); model and optimizer are consistent"))
      session.say(.dim("step \(rest) goes on · step -\(made) goes back to step \(first) · undo forgets all \(made)"))
    }
    return done
  }

  private static func tell(_ report: StepReport, _ subject: Subject, _ session: Session, isSlow: Bool) {
    session.say(
      StyledText("step \(report.step)   loss \(formatted(report.loss))   ‖grad‖ \(formatted(report.gradientNorm))   lr \(formatted(report.rate))"))
    let trainable = subject.model.trainable.count, moved = report.moved
    let frozen = subject.model.parameters.count - trainable
    session.say(StyledText("\(moved.count) of \(trainable) trainable tensors moved; \(frozen) frozen ones did not"))
    if moved.isEmpty { session.emit(.note(Note("nothing moved: is lr 0, or every gradient?", .warning))) }
    if report.clipped < 1 && isSlow { session.say(.dim("gradients were clipped: times \(formatted(report.clipped))")) }
  }

  private static func progress(
    _ made: Int, _ steps: Int, _ subject: Subject, _ spent: Double, _ losses: [Float], isFinished: Bool
  ) -> Event {
    let rate = Double(made) / max(spent, 1e-9)
    return .progress(
      ProgressLine(
        made, of: steps, unit: "step", loss: losses.last.map { Double(shortest: $0) }, rate: rate,
        eta: isFinished ? nil : Double(steps - made) / rate, elapsed: spent, values: losses.map { Double($0) },
        finished: isFinished))
  }

  static func seconds(_ d: Duration) -> Double { Double(d.components.seconds) + Double(d.components.attoseconds) * 1e-18 }
}

extension Session {
  /// Shows what `watch` asked for, after a step.
  func showWatches(after step: Int) throws {
    guard !watches.isEmpty else { return }
    emit(.facts(Facts(StyledText("step \(try current().trainer.state.step)"), watchedFacts)))
  }
}
