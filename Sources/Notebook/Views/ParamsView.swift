import Events
import Options

/// `show params`: the parameters and what their numbers are like.
public struct ParamsView: View {
  /// What it says of itself.
  public static let card = Card(
    "params", "Parameters: shape, state, norm, mean, standard deviation.",
    examples: ["show params", "show params lora", "show params *.bias", "show params blocks.0"])

  /// Whether every column is shown, whatever the width.
  public var wide = false

  /// Its options.
  public static var options: [Option<ParamsView>] {
    [Option("wide", \.wide, "every column, in parts where they do not fit")]
  }
  /// Parameters.
  public static var takes: Takes { .parameters }

  /// The columns that fit.
  public init() {}

  /// Lists them.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let chosen = try subject.parameters(call.text(0), at: call.places.first)
    let rows = chosen.map { parameter -> [Datum] in
      let figures = Figures(parameter.value)
      return [
        .words(parameter.name), .words(shapeText(parameter.shape)), .count(parameter.count),
        .words(mark([parameter])),
        .number(figures.norm), .number(figures.mean), .number(figures.deviation),
      ]
    }
    let columns: [Table.Column] = [
      .init("parameter", priority: 0, isWhole: true), .init("shape", priority: 3),
      .init("numbers", .right, priority: 4),
      .init("state", priority: 1), .init("norm", .right, priority: 2), .init("mean", .right, priority: 6),
      .init("std", .right, priority: 5),
    ]
    session.emit(.table(Table(columns: columns, rows: rows, wide: wide)))
    let count = chosen.reduce(0) { $0 + $1.count }
    let trained = chosen.filter(\.isTrainable).reduce(0) { $0 + $1.count }
    session.emit(
      .facts(
        Facts(
          "total",
          [
            .init("tensors", .count(chosen.count)), .init("numbers", .count(count)),
            .init("● trained", .count(trained)), .init("○ frozen", .count(count - trained)),
          ])))
  }
}
