import Events
import Networks
import Options

/// `show gate`: how far image values are let in.
public struct GateView: View {
  /// What it says of itself.
  public static let card = Card(
    "gate", "How far image values are let in, by block and head, and how much text looks at the image.",
    formula:
      "tanh(W·n) at image tokens, mean over the batch        attention: the share that goes to image tokens",
    examples: ["show gate"],
    notes: [
      "0 is shut: the image then gives no value, though attention to it already weakens the text's own."
    ])

  /// Of the batch of the next step.
  public init() {}

  /// Runs the model and shows the table.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let gates = try Gates(subject)
    guard let first = gates.open.first else {
      throw Failure("what is attached has no gate.", cure: "attach pill (stage=all)")
    }
    let heads = first.values.width
    let rows = gates.open.map { site, values -> [Datum] in
      let all = values.scalars, count = Double(max(1, values.rows))
      let means = (0..<heads).map { head in
        stride(from: head, to: all.count, by: heads).reduce(0.0) { $0 + Double(all[$1]) } / count
      }
      let mass = gates.mass.first { $0.site.layer == site.layer }?.share
      return [.words("blocks.\(site.layer ?? 0)")] + means.map { .number($0) }
        + [mass.map { .number($0) } ?? .empty]
    }
    let columns =
      [Table.Column("block", priority: 0)]
      + (0..<heads).map { Table.Column("head \($0)", .right, priority: 1 + $0) }
      + [Table.Column("attention to the image", .right, priority: 0)]
    session.emit(.table(Table(columns: columns, rows: rows)))
    session.say(.dim("opening of the gates at image tokens, −1 to 1, mean over the batch of the next step"))
  }
}
