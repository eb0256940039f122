import Data
import Events
import Networks
import Options
import Training

/// `show batch`: the batch of the next step, a row of it column by column.
public struct BatchView: View {
  /// What it says of itself.
  public static let card = Card(
    "batch", "A row of the next batch, token by token, with its labels.",
    formula: "loss = mean of −ln p(label) over the columns that carry loss",
    examples: ["show batch", "show batch row=3"],
    notes: [
      "A label stands under its own token and is compared with the prediction made one column before, a tag with its own."
    ])

  /// The row.
  public var row = 0

  /// Its options.
  public static var options: [Option<BatchView>] { [Option("row", \.row, "the row, from 0")] }

  /// The first row.
  public init() {}

  /// Shows it.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let batch = try subject.batch()
    guard batch.ids.indices.contains(row) else {
      throw Failure("row=\(row): the batch has rows 0 to \(batch.rows - 1).", cure: "For example row=0")
    }
    if let seen = try subject.source?.seen(subject.trainer.state.batch) {
      let words = subject.source?.labels ?? []
      session.emit(.pictures(PictureRow(seen, upTo: 1, from: row, columns: 28, words: words)))
    }
    let loss = try subject.placedLoss(batch, Pass(interrupt: session.interrupt))
    if subject.model.network.answers == .rows {
      showRow(session, subject, batch, loss)
    } else if batch.written != nil {
      showPair(session, subject, batch, loss)
    } else {
      showPlaces(session, subject, batch, loss)
    }
    var facts: [Facts.Fact] = []
    if batch.pictures == nil {
      let keep = [batch.keep, batch.written?.keep ?? []].flatMap { $0.flatMap { $0 } }
      facts += [
        .init("tokens", .count(keep.count)), .init("padding", .count(keep.filter { $0 == 0 }.count)),
      ]
    } else {
      facts.append(.init("pictures", .count(batch.rows)))
    }
    facts += [
      .init("carry loss", .count(Loss.counted(subject.model, batch))),
      .init("loss", .number(loss.loss.item)),
    ]
    session.emit(.facts(Facts("the whole batch", facts)))
    if let slots = batch.slots?[row] {
      let places = slots.map(String.init).joined(separator: ", ")
      session.say(.dim("places {prompt} of this row: before column \(places)"))
    }
  }

  /// A row token by token, each with its own label or tag.
  private func showPlaces(_ session: Session, _ subject: Subject, _ batch: Batch, _ loss: Loss) {
    // By the column of the label, one after that of the prediction, or a tag's own.
    var costs: [Int: Float] = [:]
    let shift = batch.isTagged ? 0 : 1, labels = subject.source?.labels ?? []
    for (place, cost) in zip(loss.places, loss.each) where place.row == row {
      costs[place.column + shift] = cost
    }
    func said(_ label: Int) -> String {
      batch.isTagged ? labels.word(ofClass: label) : subject.tokenizer.token(label)
    }
    let rows = batch.places(row: row, subject.tokenizer).map { place -> [Datum] in
      let label = batch.labels[row][place.column]
      let isCounted = label != Example.ignored
      return [
        .count(place.column), .words(place.token), .count(place.id),
        .words(place.isReal ? "real" : "○ padding"),
        isCounted ? .words(said(label)) : "−100", .words(isCounted ? "● yes" : "no"),
        costs[place.column].map { .number($0) } ?? .empty,
      ]
    }
    let columns: [Table.Column] = [
      .init("column", .right, priority: 0), .init("token", priority: 0), .init("id", .right, priority: 5),
      .init("is", priority: 2), .init("label", priority: 1), .init("loss?", priority: 3),
      .init("−ln p", .right, priority: 4),
    ]
    session.emit(.table(Table(title(subject, batch), columns: columns, rows: rows)))
  }

  /// A row that is read, and the answer that is written to it, token by token.
  private func showPair(_ session: Session, _ subject: Subject, _ batch: Batch, _ loss: Loss) {
    var costs: [Int: Float] = [:]
    for (place, cost) in zip(loss.places, loss.each) where place.row == row { costs[place.column] = cost }
    func start(_ place: Batch.Place) -> [Datum] {
      [
        .count(place.column), .words(place.token), .count(place.id),
        .words(place.isReal ? "real" : "○ padding"),
      ]
    }
    let first: [Table.Column] = [
      .init("column", .right, priority: 0), .init("token", priority: 0), .init("id", .right, priority: 5),
      .init("is", priority: 2),
    ]
    let read = batch.places(row: row, subject.tokenizer).map(start)
    session.emit(.table(Table("the encoder reads: " + title(subject, batch), columns: first, rows: read)))
    let written = batch.writtenPlaces(row: row, subject.tokenizer).map { place -> [Datum] in
      start(place) + [
        .words(place.target == nil ? "−100" : place.targetToken),
        costs[place.column].map { .number($0) } ?? .empty,
      ]
    }
    let columns = first + [.init("writes", priority: 1), .init("−ln p", .right, priority: 4)]
    session.emit(.table(Table("the decoder reads, and writes", columns: columns, rows: written)))
  }

  /// A row that is answered once: what is read, its class, and what that costs.
  private func showRow(_ session: Session, _ subject: Subject, _ batch: Batch, _ loss: Loss) {
    let cost = zip(loss.places, loss.each).first { $0.0.row == row }?.1
    let choice = batch.choices[row], labels = subject.source?.labels ?? []
    let word = choice.map { labels.indices.contains($0) ? "\($0): \(labels[$0])" : "\($0)" }
    session.emit(
      .facts(
        Facts(
          StyledText(title(subject, batch)),
          [
            .init("class", .words(word ?? "none: it does not count")),
            .init("−ln p", cost.map { .number($0) } ?? .empty),
          ])))
    guard batch.pictures == nil else { return }
    let rows = batch.places(row: row, subject.tokenizer).map { place -> [Datum] in
      let type = batch.types?[row][place.column] ?? 0
      return [
        .count(place.column), .words(place.token), .count(place.id), .count(type),
        .words(place.isReal ? "real" : "○ padding"),
      ]
    }
    let columns: [Table.Column] = [
      .init("column", .right, priority: 0), .init("token", priority: 0), .init("id", .right, priority: 3),
      .init("type", .right, priority: 2), .init("is", priority: 1),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
  }

  private func title(_ subject: Subject, _ batch: Batch) -> String {
    "row \(row) of \(batch.rows), step \(subject.trainer.state.step + 1)"
  }
}
