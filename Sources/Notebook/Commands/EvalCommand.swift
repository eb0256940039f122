import Engine
import Events
import Options
import Training

/// `eval`: how good the model is on data that it does not train on.
public struct EvalCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "eval", "Measures the model on data that it is not trained on.",
    formula:
      "balanced accuracy = mean over labels of the share found        bits/byte = nats / (ln 2 · bytes)",
    use:
      "The alphabet is evaluated on every row there is; labelled texts by trying every label on each; running text by its bits a byte.",
    examples: ["eval", "eval base", "eval split=validation"],
    notes: [
      "A model that answers with classes takes the likeliest; one that goes on with text answers in words.",
      "The answer to a text is the label whose tokens are likeliest in sum; always saying one label gives 1/labels.",
      "Choose rates and steps by split=validation: what is held out measures the result, once.",
    ], changes: true)

  /// Whether attachments are left out.
  public var base = false
  /// The part of labelled texts.
  public var split = LabelledBatches.Part.heldout
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<EvalCommand>] {
    [
      Option("base", \.base, "leave attachments out"),
      Option("split", \.split, "for labelled texts: which part"),
    ]
  }

  /// On what is held out, with what is attached.
  public init() {}

  /// Evaluates.
  public func run(_ session: Session) throws -> Done {
    try Self.show(session, isBase: base, split: split)
    return Done()
  }

  /// Evaluates and shows it beside the last evaluation of the same part.
  static func show(_ session: Session, isBase: Bool = false, split: LabelledBatches.Part = .heldout) throws {
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    let before = subject.lastEvaluation
    if let pairs = source as? PairBatches {
      subject.lastEvaluation = try showPairs(pairs, subject, session, isBase, before)
      return
    }
    let now = try measure(subject, session, isBase: isBase, split: split)
    if subject.model.network.answers != .positions {
      sayClasses(now, before, source.name, isOfWords: subject.model.network.answers == .tokens, session)
    } else if let labelled = source as? LabelledBatches {
      say(now, before, split, labelled, session)
    } else {
      var line = fact("loss", now.loss, before?.loss)
      if let corpus = source as? CorpusBatches {
        line += "   " + fact("bits per byte", corpus.bitsPerByte(now), before.map(corpus.bitsPerByte))
      }
      line += "   " + fact("accuracy", now.accuracy, before?.accuracy)
      if subject.task?.floor != nil {
        line += "   " + fact("first letter", now.firstAccuracy, before?.firstAccuracy)
      }
      session.say(line)
    }
    subject.lastEvaluation = now
  }

  /// Evaluates, and shows no more than progress.
  static func measure(
    _ subject: Subject, _ session: Session, isBase: Bool = false, split: LabelledBatches.Part
  ) throws -> Evaluation {
    guard let source = subject.source else { throw Session.noData }
    if let pairs = source as? PairBatches {
      return try PairEvaluation(pairs, subject, session, isBase).summary
    }
    if subject.model.network.answers != .positions {
      return try Evaluation(
        subject.model, source.evaluation(split), labels: source.labels, isBase: isBase,
        interrupt: session.interrupt)
    }
    if let labelled = source as? LabelledBatches {
      return try measured(labelled, subject, session, isBase, split)
    }
    return try Evaluation(subject.model, source.evaluation(), isBase: isBase, interrupt: session.interrupt)
  }

  /// The part that choices are made by while training: validation, where there is one.
  static func choosing(_ session: Session) -> LabelledBatches.Part {
    let source = session.currentSubject?.source as? LabelledBatches
    return source?.texts(.validation).isEmpty == true ? .heldout : .validation
  }

  private static func fact(_ name: String, _ value: Double, _ old: Double?) -> StyledText {
    StyledText("\(name) ") + .strong(formatted(value)) + (old.map { .dim(" (was \(formatted($0)))") } ?? "")
  }

  // MARK: Classes

  /// What a model with a head for classes reaches: always saying one class gives 1/classes of balanced accuracy.
  private static func sayClasses(
    _ now: Evaluation, _ before: Evaluation?, _ name: String, isOfWords: Bool, _ session: Session
  ) {
    guard let found = now.classification else {
      return session.emit(.note(Note("no row that is evaluated has a class", .warning)))
    }
    // Only the same rows compare.
    let old = before?.classification.flatMap { $0.truth == found.truth ? before : nil }
    session.say(
      fact("accuracy", now.accuracy, old?.accuracy) + "   "
        + fact("balanced", found.balancedAccuracy, old?.classification?.balancedAccuracy) + "   "
        + fact("loss", now.loss, old?.loss))
    session.say(
      .dim(
        "on \(grouped(found.truth.count)) \(isOfWords ? "words" : "rows") of \(name); always the commonest class is right for "
      )
        + .dim(percentage(found.majority?.share ?? 0)))
    if let spans = now.spans {
      session.say(
        fact("names: F1", spans.f1, old?.spans?.f1)
          + StyledText("   precision \(formatted(spans.precision))   recall \(formatted(spans.recall))")
          + .dim("   \(grouped(spans.right)) of \(grouped(spans.wanted)) found whole"))
    }
    session.emit(.table(table(found, isOfWords: isOfWords)))
  }

  private static func table(_ found: Classification, isOfWords: Bool) -> Table {
    let rows = found.labels.indices.map { i -> [Datum] in
      let (right, all) = found.found(i)
      return [
        .words(found.labels[i]), .count(all), .count(right),
        .percent(all > 0 ? Double(right) / Double(all) : 0), .count(found.answered(i)),
      ]
    }
    return Table(
      columns: ["label", .init(isOfWords ? "words" : "rows"), "found", "share", "answered"], rows: rows)
  }

  // MARK: Labelled texts

  private static func measured(
    _ source: LabelledBatches, _ subject: Subject, _ session: Session, _ isBase: Bool,
    _ split: LabelledBatches.Part
  ) throws -> Evaluation {
    let clock = ContinuousClock(), start = clock.now
    var shown = 0
    return try Evaluation(
      subject.model, labelled: source, part: split, isBase: isBase, interrupt: session.interrupt
    ) { done, all in
      let fifths = Int(Training.seconds(clock.now - start) * 5)
      guard fifths > shown, done < all else { return }
      shown = fifths
      session.emit(.progress(ProgressLine(done, of: all, unit: "text")))
    }
  }

  private static func say(
    _ now: Evaluation, _ before: Evaluation?, _ split: LabelledBatches.Part, _ source: LabelledBatches,
    _ session: Session
  ) {
    guard let found = now.classification else { return }
    // Only the same texts compare.
    let old = before?.classification.flatMap { $0.truth == found.truth ? before : nil }
    var line = fact("balanced accuracy", found.balancedAccuracy, old?.classification?.balancedAccuracy)
    line += StyledText(
      "   95 % interval \(formatted(found.interval.lowerBound)) to \(formatted(found.interval.upperBound))")
    session.say(line)
    session.say(
      StyledText(
        "always the majority, “\(found.majority?.label ?? "")”: \(formatted(found.chance))   accuracy ")
        + StyledText("\(formatted(found.accuracy)), the majority's \(formatted(found.majority?.share ?? 0))"))
    session.emit(.table(table(found, isOfWords: false)))
    let name = split == .heldout ? "held-out" : split == .validation ? "validation" : "training"
    session.say(
      fact("loss", now.loss, old?.loss)
        + .dim(" a label token, on \(grouped(found.truth.count)) \(name) texts of \(source.name)"))
  }
}
