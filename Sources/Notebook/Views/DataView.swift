import Data
import Events
import Options
import Training

/// `show data`: what is trained and evaluated on.
public struct DataView: View {
  /// What it says of itself.
  public static let card = Card(
    "data", "What is trained and evaluated on; with a number, that text to learn from.",
    examples: ["show data", "show data 0"])

  /// The number of a text.
  public static var takes: Takes { Takes("[N]", 0...1) }

  /// The next batch's first rows.
  public init() {}

  /// Shows it.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    guard let source = subject.source else { throw Session.noData }
    if let number = try call.integer(0, "the number of a text") {
      do { return try show(number, of: source, session) } catch let failure as Failure {
        throw failure.at(call.places.first)
      }
    }
    let batch = try subject.batch()
    let isOnce = subject.model.network.answers != .positions
    var facts: [Facts.Fact] = [.init("rows a batch", .count(batch.rows))]
    if let pictures = batch.pictures {
      let sizes = shapeText([pictures.channels, pictures.height, pictures.width])
      facts.append(.init("pictures of", .words(sizes)))
    } else {
      facts.append(.init("columns", .count(batch.columns)))
    }
    facts.append(.init("targets a batch", .count(Loss.counted(subject.model, batch))))
    if batch.pictures == nil { facts.append(.init("tokens of", .words(subject.tokenizer.name))) }
    if let floor = subject.task?.floor, floor > 0 {
      facts.append(.init("least loss of any model", .number(floor)))
    }
    session.emit(.facts(Facts(.strong(subject.task?.name ?? source.name), facts)))
    if let examples = source as? ExampleBatches {
      tell(examples, session)
    } else {
      let counted = try source.evaluation().reduce((rows: 0, targets: 0)) {
        ($0.rows + $1.rows, $0.targets + Loss.counted(subject.model, $1))
      }
      session.say(
        StyledText(
          "evaluated on \(grouped(counted.rows)) rows, always the same, with \(grouped(counted.targets)) targets"
        ))
    }
    let labels = isOnce ? source.labels : subject.task?.labels ?? []
    if !labels.isEmpty { session.say(StyledText("labels: " + labels.joined(separator: " · "))) }
    if let template = subject.task?.template { session.say("template: " + .code(template)) }
    if let seen = try source.seen(subject.trainer.state.batch) {
      session.emit(.pictures(PictureRow(seen, upTo: 4, columns: 17, words: source.labels)))
    }
    guard batch.pictures == nil else { return session.say(.dim("show batch row=0 tells of one")) }
    let rows = (0..<min(4, batch.rows)).map { row -> [Datum] in
      let real = zip(batch.ids[row], batch.keep[row]).filter { $1 == 1 }.map(\.0)
      return [.count(row), .words(subject.tokenizer.decode(real))]
    }
    session.emit(
      .table(
        Table(
          columns: [.init("row", .right, priority: 0), .init("of the next batch", priority: 0)], rows: rows)))
    session.say(.dim("show batch row=0 shows a row token by token"))
  }

  /// One text as it came: what it says, its label, and the row that is made of it.
  private func show(_ number: Int, of source: any BatchSource, _ session: Session) throws {
    guard let labelled = source as? LabelledBatches else {
      throw Failure("\(source.name) has no labelled texts to number.", cure: "show batch row=0")
    }
    let texts = labelled.texts(.train)
    guard texts.indices.contains(number) else {
      throw Failure("the texts to learn from are 0 to \(texts.count - 1).", cure: "show data 0")
    }
    let text = texts[number], row = labelled.task.template.filled(text: text.text, label: text.label)
    session.emit(
      .facts(
        Facts(
          "text \(number)",
          [.init("text", .words(text.text)), .init("label", .words(text.label)), .init("row", .words(row))])))
  }

  private func tell(_ source: ExampleBatches, _ session: Session) {
    let steps = (source.training.count + source.rows - 1) / source.rows
    session.emit(
      .facts(
        Facts(
          "",
          [
            .init("training", .count(source.training.count)), .init("held out", .count(source.heldOut.count)),
            .init("steps an epoch", .count(steps)),
          ])))
    let labelled = source.training.compactMap(\.choice)
    guard !labelled.isEmpty else { return }
    let counts = Dictionary(grouping: labelled) { $0 }.mapValues(\.count).sorted { $0.key < $1.key }
    let parts = counts.map { "class \($0.key): \(grouped($0.value))" }.joined(separator: "   ")
    let largest = Double(counts.map(\.value).max() ?? 0) / Double(labelled.count)
    session.say(StyledText(parts) + .dim("   always the commonest: \(percentage(largest)) right"))
  }
}
