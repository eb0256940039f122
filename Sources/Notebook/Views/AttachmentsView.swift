import Events
import Networks
import Options

/// `show attachments`: what is attached, and in which condition.
public struct AttachmentsView: View {
  /// What it says of itself.
  public static let card = Card(
    "attachments", "What is attached: active, off or merged, and what trains.",
    examples: ["show attachments", "status"])

  /// All of them.
  public init() {}

  /// Lists them.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let model = subject.model
    guard !model.attachments.isEmpty else {
      session.say(StyledText("nothing is attached to \(subject.name): the base's own parameters train"))
      return try session.sayCounts(subject)
    }
    let rows = model.attachments.map { one -> [Datum] in
      let own = one.parameters + model.directory.parameters.filter { one.claims($0) }
      let trained = own.filter(\.isTrainable).reduce(0) { $0 + $1.count }
      let sites = one.edits.map(\.site)
      let places = Set(sites.map(\.localName)).sorted().joined(separator: " ")
      return [
        .words(one.name), .words(one.condition), .count(sites.count),
        .count(one.parameters.reduce(0) { $0 + $1.count }),
        .count(trained), .words(places.isEmpty ? "none: it trains the base's own" : places),
        .words(Self.spelling(one)),
      ]
    }
    let columns: [Table.Column] = [
      .init("attached", priority: 0), .init("state", priority: 1), .init("sites", .right, priority: 3),
      .init("added", .right, priority: 4), .init("● trained", .right, priority: 2), .init("at", priority: 6),
      .init("method", priority: 5),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    try session.sayCounts(subject)
  }

  /// The method with the options that differ from its defaults: `lora r=4`.
  static func spelling(_ attachment: Attachment) -> String {
    func text<M: TuningMethod>(_ method: M) -> String {
      let plain = M()
      let changed = M.options.filter { $0.read(method) != $0.read(plain) }.map {
        "\($0.name)=\($0.read(method))"
      }
      return ([M.card.name] + changed).joined(separator: " ")
    }
    return text(attachment.method)
  }
}
