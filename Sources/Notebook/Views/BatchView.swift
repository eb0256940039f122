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
    notes: ["A label stands under its own token and is compared with the prediction made one column before."])

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
    let loss = try LanguageLoss(subject.model, batch, Pass(interrupt: session.interrupt))
    var costs: [Int: Float] = [:]  // by the column of the label, one after that of the prediction
    for (place, cost) in zip(loss.places, loss.each) where place.row == row { costs[place.column + 1] = cost }
    let rows = batch.places(row: row, subject.tokenizer).map { place -> [Datum] in
      let label = batch.labels[row][place.column]
      let isCounted = label != Example.ignored
      return [
        .count(place.column), .words(place.token), .count(place.id),
        .words(place.isReal ? "real" : "○ padding"),
        isCounted ? .words(subject.tokenizer.token(label)) : "−100", .words(isCounted ? "● yes" : "no"),
        costs[place.column].map { .number($0) } ?? .empty,
      ]
    }
    let columns: [Table.Column] = [
      .init("column", .right, priority: 0), .init("token", priority: 0), .init("id", .right, priority: 5),
      .init("is", priority: 2), .init("label", priority: 1), .init("loss?", priority: 3),
      .init("−ln p", .right, priority: 4),
    ]
    session.emit(
      .table(
        Table(
          "row \(row) of \(batch.rows), step \(subject.trainer.state.step + 1)", columns: columns, rows: rows)
      ))
    let padding = batch.keep.joined().filter { $0 == 0 }.count
    let facts: [Facts.Fact] = [
      .init("tokens", .count(batch.rows * batch.columns)), .init("padding", .count(padding)),
      .init("carry loss", .count(batch.counted)), .init("loss", .number(loss.loss.item)),
    ]
    session.emit(.facts(Facts("the whole batch", facts)))
  }
}
