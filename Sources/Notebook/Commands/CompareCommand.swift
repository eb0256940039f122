import Data
import Events
import Methods
import Networks
import Options
import Training

/// `compare`: several methods side by side, from the same base, data and seeds.
public struct CompareCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "compare", "Trains several methods from the same seed and data, and shows what each reached.",
    use:
      "Each at its card's own learning rate; lr=… chooses among several by the validation part. Nothing of it stays.",
    examples: [
      "compare lora prompt bitfit", "compare lora \"lora r=2 on=attn.v\" full steps=60 task=+2,+5",
      "compare lora prompt bitfit full steps=300 seeds=3 lr=1e-3,3e-3,1e-2",
    ],
    notes: [
      "A toy shows mechanisms, not which method is best: prompt tuning, for one, catches up with the size of the base.",
      "The 95 % interval is over the texts; the spread over seeds is told by their range.",
    ])

  /// Steps of each training.
  public var steps = 60
  /// Trainings of each method, each with a seed of its own.
  public var seeds = 1
  /// Learning rates to choose from.
  public var lr: [String] = []
  /// Skills of the alphabet, each a task of its own; empty: the data at hand.
  public var task: [String] = []
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<CompareCommand>] {
    [
      Option("steps", \.steps, "training steps of each", in: 1...1_000_000),
      Option("seeds", \.seeds, "trainings of each, from different seeds", in: 1...100),
      Option("lr", \.lr, "learning rates to choose from by validation, such as 1e-3,1e-2"),
      Option("task", \.task, "skills of the alphabet, each a task: +2,+5"),
    ]
  }
  /// Methods, or lines such as "lora r=2".
  public static var takes: Takes { Takes("METHOD …", 1...16) { _, _ in Methods.names } }

  /// Sixty steps, one seed.
  public init() {}

  /// Trains and shows the table.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let contenders = try zip(call.words, call.places).flatMap { word, place in
      try word.elements.map { try contender($0.asText ?? "", place) }
    }
    let rates = try lr.map { text -> Float in
      guard let rate = Float(text), rate > 0, rate.isFinite else {
        throw Failure("lr=\(text) is not a learning rate.", cure: "For example lr=1e-3,3e-3,1e-2")
      }
      return rate
    }
    let comparison = Comparison(session: session, steps: steps, seeds: seeds, rates: rates)
    let outcomes = try comparison.run(contenders, on: tasks(subject))
    guard !outcomes.isEmpty else {
      session.say("stopped before the first one was done")
      return .unrecorded
    }
    show(outcomes, subject, session)
    return .unrecorded
  }

  private func contender(_ line: String, _ place: Range<Int>) throws -> Comparison.Contender {
    let name = String(line.split(separator: " ").first ?? "")
    do { return .init(line: line, card: try Methods.named(name).card) } catch let failure as Failure {
      throw failure.at(place)
    }
  }

  private func tasks(_ subject: Subject) throws -> [(name: String, source: any BatchSource)] {
    guard !task.isEmpty else {
      guard let source = subject.source else { throw Session.noData }
      return [(source.name, source)]
    }
    return try task.map { text in
      let made = try AlphabetTask(skills: [AlphabetTask.skill(text)], seed: 5)
      return ("skill " + made.name, AlphabetBatches(made))
    }
  }

  // MARK: The table

  private func show(_ outcomes: [Comparison.Outcome], _ subject: Subject, _ session: Session) {
    for name in outcomes.map(\.task).reduce(into: [String](), { if !$0.contains($1) { $0.append($1) } }) {
      let these = outcomes.filter { $0.task == name }
      let isLabelled = these.contains { $0.runs.first?.classification != nil }
      session.emit(.table(isLabelled ? labelled(name, these, subject) : toy(name, these, subject)))
      if let found = these.first?.runs.first?.classification, let majority = found.majority {
        session.say(
          StyledText(
            "always “\(majority.label)”: balanced accuracy \(formatted(found.chance)), accuracy \(formatted(majority.share))"
          )
            + .dim("   \(grouped(found.truth.count)) held-out texts"))
      }
    }
    session.say(
      .dim(
        "\(steps) steps each, \(seeds) seed\(seeds == 1 ? "" : "s"), "
          + (lr.count > 1
            ? "lr chosen by validation among \(lr.joined(separator: " "))"
            : lr.isEmpty ? "each card's own lr" : "lr \(lr[0])")))
    session.say(.dim(Self.card.notes[0]))
  }

  private func toy(_ name: String, _ outcomes: [Comparison.Outcome], _ subject: Subject) -> Table {
    let rows = outcomes.map { one -> [Datum] in
      [
        .words(one.contender.line), .count(one.trainable),
        .percent(Double(one.trainable) / Double(subject.model.baseCount)),
        .number(one.rate), .words(spread(one.runs.map(\.loss))),
        .words(spread(one.runs.map(\.firstAccuracy))),
        .words(spread(one.runs.map(\.accuracy))),
      ]
    }
    return Table(
      name,
      columns: [
        .init("method", priority: 0), .init("trainable", .right, priority: 1),
        .init("%", .right, priority: 5), .init("lr", .right, priority: 6),
        .init("loss", .right, priority: 2), .init("first letter", .right, priority: 4),
        .init("accuracy", .right, priority: 3),
      ], rows: rows)
  }

  private func labelled(_ name: String, _ outcomes: [Comparison.Outcome], _ subject: Subject) -> Table {
    let rows = outcomes.map { one -> [Datum] in
      let runs = one.runs.compactMap(\.classification)
      let interval =
        Classification.interval(of: runs).map { "\(formatted($0.lowerBound)) to \(formatted($0.upperBound))" }
        ?? ""
      return [
        .words(one.contender.line), .count(one.trainable), .number(one.rate),
        .words(spread(runs.map(\.balancedAccuracy))),
        .words(interval), .words(spread(runs.map(\.accuracy))), .words(spread(one.runs.map(\.loss))),
      ]
    }
    return Table(
      name,
      columns: [
        .init("method", priority: 0), .init("trainable", .right, priority: 3),
        .init("lr", .right, priority: 4),
        .init("balanced accuracy", .right, priority: 1), .init("95 %", .right, priority: 2),
        .init("accuracy", .right, priority: 5),
        .init("loss", .right, priority: 6),
      ], rows: rows)
  }

  /// The mean, and the range where there are several.
  private func spread(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "" }
    let mean = formatted(values.reduce(0, +) / Double(values.count))
    return values.count == 1 ? mean : "\(mean) (\(formatted(low))–\(formatted(high)))"
  }
}
