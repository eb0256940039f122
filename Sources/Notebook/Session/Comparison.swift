import Engine
import Events
import Methods
import Networks
import Options
import Training

/// Trains several methods from the same base, data and seeds, one after the other, and measures each: the work behind
/// `compare`. Nothing of it stays in the session.
struct Comparison {
  /// A method with the line that attaches it: `lora r=4`.
  struct Contender {
    let line: String
    let card: Card
  }

  /// What one contender reached on one task.
  struct Outcome {
    let contender: Contender
    let task: String
    var trainable = 0
    var rate: Float = 0
    var runs: [Evaluation] = []
  }

  let session: Session
  let steps: Int
  let seeds: Int
  /// Learning rates to choose from by the validation part; empty: each card's own.
  let rates: [Float]

  /// Trains and measures; outcomes so far come back when an interrupt ends it.
  func run(_ contenders: [Contender], on tasks: [(name: String, source: any BatchSource)]) throws -> [Outcome]
  {
    var outcomes: [Outcome] = []
    let all = contenders.count * tasks.count
    for (name, source) in tasks {
      for contender in contenders {
        if session.interrupt.isRaised { return outcomes }
        var outcome = Outcome(contender: contender, task: name)
        let place = "\(contender.line) (\(outcomes.count + 1) of \(all))"
        outcome.rate = try bestRate(contender, source, place)
        for seed in 0..<seeds where !session.interrupt.isRaised {
          try train(contender, source, seed: seed, rate: outcome.rate, place) { subject in
            outcome.trainable = subject.model.trainableCount
            outcome.runs.append(try Measure.now(subject, source, .heldout, session))
          }
        }
        if !outcome.runs.isEmpty { outcomes.append(outcome) }
      }
    }
    return outcomes
  }

  /// The rate that does best on the validation part, with the first seed; the card's own where none is to be chosen.
  private func bestRate(_ contender: Contender, _ source: any BatchSource, _ place: String) throws -> Float {
    guard rates.count > 1 else { return rates.first ?? contender.card.rate }
    var best: (rate: Float, score: Double)?
    for rate in rates where !session.interrupt.isRaised {
      try train(contender, source, seed: 0, rate: rate, "\(place), lr \(formatted(rate))") { subject in
        let score = Measure.score(try Measure.now(subject, source, .validation, session))
        if score > best?.score ?? -.infinity { best = (rate, score) }
      }
    }
    return best?.rate ?? contender.card.rate
  }

  /// Attaches a contender to the bare base, trains it, hands the model over, and forgets everything.
  private func train(
    _ contender: Contender, _ source: any BatchSource, seed: Int, rate: Float, _ place: String,
    _ measure: (Subject) throws -> Void
  ) throws {
    let observer = session.observer
    defer { session.observer = observer }
    try session.aside {
      let subject = try session.current()
      session.observer = { _ in }
      for attachment in subject.model.attachments.reversed() { try attachment.detach(from: subject.model) }
      session.seed = session.seed &+ UInt64(seed)
      var fresh = subject.trainer.state.restarted
      (fresh.objective, fresh.reward, fresh.rate) = (SFT(), nil, rate)
      subject.trainer.state = fresh
      subject.source = try source.reseeded(seed)
      try session.perform("attach " + contender.line)
      guard let batches = subject.source else { throw Session.noData }
      let clock = ContinuousClock(), start = clock.now
      var shown = 0
      for step in 0..<steps {
        if session.interrupt.isRaised { break }
        _ = try subject.trainer.step(subject.model, batches, interrupt: session.interrupt)
        let spent = Training.seconds(clock.now - start)
        guard Int(spent * 5) > shown else { continue }
        shown = Int(spent * 5)
        observer(
          .progress(
            ProgressLine(
              step + 1, of: steps, unit: "step", loss: subject.trainer.state.losses.last.map { Double($0) },
              rate: Double(step + 1) / spent, eta: Double(steps - step - 1) * spent / Double(step + 1),
              elapsed: spent,
              values: subject.trainer.state.losses.values.map { Double($0) }, finished: false)))
      }
      guard !session.interrupt.isRaised else { return }
      try measure(subject)
    }
  }
}

/// What is measured of a model on its data.
enum Measure {
  /// Loss and accuracies, and for labelled texts the answers in words.
  static func now(
    _ subject: Subject, _ source: any BatchSource, _ part: LabelledBatches.Part, _ session: Session
  ) throws -> Evaluation {
    if let labelled = source as? LabelledBatches, subject.model.network.answers == .positions {
      return try Evaluation(subject.model, labelled: labelled, part: part, interrupt: session.interrupt)
    }
    return try Evaluation(
      subject.model, source.evaluation(part), labels: source.labels, interrupt: session.interrupt)
  }

  /// One number, the higher the better: balanced accuracy where there is one, else minus the loss.
  static func score(_ evaluation: Evaluation) -> Double {
    evaluation.classification?.balancedAccuracy ?? -evaluation.loss
  }
}
