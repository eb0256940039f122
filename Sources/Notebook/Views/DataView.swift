import Data
import Events
import Options
import Training

/// `show data`: what is trained and evaluated on.
public struct DataView: View {
  /// What it says of itself.
  public static let card = Card(
    "data", "What is trained and evaluated on.", examples: ["show data"])

  /// The next batch's first rows.
  public init() {}

  /// Shows it.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    guard let source = subject.source else { throw Session.noData }
    let batch = try subject.batch()
    let isOnce = subject.model.network.answers == .rows
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
