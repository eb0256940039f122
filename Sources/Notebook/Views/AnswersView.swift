import Data
import Engine
import Events
import Networks
import Options
import Training

/// `show answers`: what the model said in the step that was begun, and what it is worth.
public struct AnswersView: View {
  /// What it says of itself.
  public static let card = Card(
    "answers",
    "What the model says to the prompts of the next step, what it is worth, and how far it is from the reference.",
    formula: "k1 = Σ (log π − log π_ref) over the answer's tokens",
    examples: ["show answers", "show answers n=16"],
    notes: ["Without a step that was begun, its rollout is tried out: nothing moves."])

  /// The most answers.
  public var n = 8

  /// Its options.
  public static var options: [Option<AnswersView>] { [Option("n", \.n, "the most answers", in: 1...1000)] }

  /// Eight of them.
  public init() {}

  /// Shows them.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    guard let source = subject.source else { throw Session.noData }
    let trial = Trainer()
    trial.state = subject.trainer.state
    let known = subject.trainer.experience(of: subject.model)
    let experience = try known ?? trial.advantages(subject.model, source, interrupt: session.interrupt)
    Self.list(experience, session, most: n)
    Self.tell(experience, session)
  }

  private static func list(_ e: Experience, _ session: Session, most: Int) {
    let policy = e.old.scalars, reference = e.reference.scalars
    let rows = e.answers.prefix(most).enumerated().map { row, answer -> [Datum] in
      let tokens = row * e.longest..<row * e.longest + e.lengths[row]
      let k1 = tokens.reduce(0.0) { $0 + Double(policy[$1] - reference[$1]) }
      let advantage = e.phase < .advantages ? Float.nan : e.mean(ofAdvantages: row)
      return [
        .words(answer.question), .words(answer.text + (answer.isEnded ? " ∎" : "")),
        e.scores.isEmpty ? .empty : .number(e.scores[row]),
        e.phase < .advantages ? .empty : .number(advantage), .number(k1),
      ]
    }
    let columns: [Table.Column] = [
      .init("prompt", priority: 0), .init("answer", priority: 0), .init("reward", .right, priority: 1),
      .init("advantage", .right, priority: 2), .init("k1", .right, priority: 3),
    ]
    session.emit(.table(Table(columns: columns, rows: Array(rows))))
  }

  /// What there is of an experience, in figures.
  static func tell(_ e: Experience, _ session: Session) {
    guard e.phase > .rollout else {
      session.emit(
        .facts(
          Facts(
            "rollout",
            [
              .init("answers", .count(e.rows)), .init("tokens", .count(e.lengths.reduce(0, +))),
              .init("entropy", .number(e.entropy)),
            ])))
      return
    }
    session.show(e.figures)
  }
}

extension Experience {
  /// The mean advantage of an answer's tokens.
  func mean(ofAdvantages row: Int) -> Float {
    let width = advantages.shape.count > 1 ? advantages.shape[1] : 1
    let own = advantages.scalars[row * width..<row * width + (width == 1 ? 1 : lengths[row])]
    return own.reduce(0, +) / Float(max(1, own.count))
  }
}

extension Session {
  /// Shows the numbers that training is watched by; none where a trainer has none.
  func show(_ figures: [Figure]) {
    guard !figures.isEmpty else { return }
    var seen: Set<String> = []
    let facts = figures.reversed().filter { seen.insert($0.name).inserted }.reversed()
    emit(.facts(Facts("", facts.map { .init($0.name, .number($0.value)) })))
  }

  /// The curve of a number that training is watched by; nil where there is none of the name.
  func figures(_ name: String) throws -> Curve.Series? {
    guard let state = currentSubject?.trainer.state, state.figures.names.contains(name) else { return nil }
    let values = state.figures.values(of: name).enumerated().filter { $0.element.isFinite }
    return Curve.Series(
      name, x: values.map { Double($0.offset + 1) }, y: values.map { Double(shortest: $0.element) })
  }
}
