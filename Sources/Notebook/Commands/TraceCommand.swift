import Events
import Networks
import Options

/// `trace`: the sites in the order in which they run.
public struct TraceCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "trace", "Runs the next batch and lists the places in the order they finish, with shapes and sizes.",
    examples: ["trace", "trace blocks.0", "trace attn.*", "trace text=\"eg\""],
    notes: ["A block stands after what is in it: it is finished when they are."])

  /// A text to run on instead of the batch.
  public var text = ""
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<TraceCommand>] {
    [Option("text", \.text, "a text to run on; without one, the batch of the next step")]
  }
  /// Places.
  public static var takes: Takes { .sites }

  /// All places.
  public init() {}

  /// Runs the model and lists them.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let chosen = Set(try subject.sites(call.text(0), at: call.places.first).map { ObjectIdentifier($0) })
    let look = try subject.look(subject.reading(text), interrupt: session.interrupt) {
      chosen.contains(ObjectIdentifier($0))
    }
    let rows = look.trace.order.enumerated().map { i, name -> [Datum] in
      let x = look.trace.inputs[name], y = look.trace.outputs[name]
      let figures = y.map { Figures($0) }
      let input = x.map { $0.count == 0 ? look.reading.indices : shapeText($0.shape) } ?? ""
      return [
        .count(i + 1), .words(name), .words(input), .words(y.map { shapeText($0.shape) } ?? ""),
        figures.map { .number($0.norm) } ?? .empty, figures.map { .number($0.deviation) } ?? .empty,
      ]
    }
    let columns: [Table.Column] = [
      .init("", .right, priority: 0), .init("site", priority: 0), .init("in", priority: 3),
      .init("out", priority: 1),
      .init("‖out‖", .right, priority: 2), .init("std", .right, priority: 4),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    session.say(.dim("run on \(look.reading.name)"))
    return .unrecorded
  }
}
