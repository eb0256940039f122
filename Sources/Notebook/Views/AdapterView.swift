import Engine
import Events
import Methods
import Networks
import Options

/// `show adapter`: how far bottleneck adapters have moved from doing nothing.
public struct AdapterView: View {
  /// What it says of itself.
  public static let card = Card(
    "adapter", "How far adapters are from doing nothing, sublayer by sublayer, on the batch.",
    formula: "‖f(h)‖ against ‖h‖, what the adapter reads, and against ‖y‖, what the sublayer gave",
    use: "0 is an adapter that does nothing; 1 adds as much as there was.",
    examples: ["show adapter", "show adapter blocks.1", "show adapter save=adapter.svg"],
    notes: [
      "idle counts numbers of the bottleneck that are below 1e-6 of the largest at every position: dead ReLUs."
    ])

  /// Places.
  public static var takes: Takes { .sites }

  /// All places.
  public init() {}

  /// What is known of an adapter at a place.
  private struct Distance {
    let site: Site, change: Double, read: Double, given: Double, idle: Int, width: Int
  }

  /// Runs the model on the batch and measures.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let chosen = try subject.sites(call.text(0), at: call.places.first)
    let placed = subject.model.attachments.flatMap { one -> [(Attachment, Adapter, Site)] in
      guard let method = one.method as? Adapter else { return [] }
      return one.edits.map { (one, method, $0.site) }
    }
    guard !placed.isEmpty else {
      throw Failure(
        "no adapter is attached to \(subject.name).", cure: "attach adapter; step 20; show adapter")
    }
    let there = placed.filter { one in chosen.contains { $0 === one.2 } }
    guard !there.isEmpty else {
      throw Failure(
        "no adapter sits at \(call.text(0) ?? "").", cure: "They are at \(placed[0].2.name) and so on",
        place: call.places.first)
    }
    let look = try subject.look(subject.reading(), interrupt: session.interrupt) { site in
      there.contains { $0.2 === site }
    }
    let found = try there.compactMap { try distance($0.0, $0.1, $0.2, look) }
    let rows = found.map { one -> [Datum] in
      [
        .words(one.site.name), .count(one.width), .number(one.change), .number(one.change / one.read),
        .number(one.change / one.given), .count(one.idle),
      ]
    }
    let columns: [Table.Column] = [
      .init("site", priority: 0, isWhole: true), .init("bottleneck", .right, priority: 5),
      .init("‖f(h)‖", .right, priority: 2), .init("‖f(h)‖/‖h‖", .right, priority: 1),
      .init("‖f(h)‖/‖y‖", .right, priority: 3), .init("idle", .right, priority: 4),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    let items = found.map { Bars.Item($0.site.name, $0.change / $0.read) }
    session.emit(.bars(Bars("distance from identity, ‖f(h)‖/‖h‖", items)))
    if found.allSatisfy({ $0.change == 0 }) {
      session.say("every f(h) is 0 exactly: the model is as without adapters")
    }
    session.say(.dim("on \(look.reading.name)"))
  }

  /// f(h) by the adapter's own formula, from what the sublayer read and gave in the run.
  private func distance(_ attachment: Attachment, _ method: Adapter, _ site: Site, _ look: Look) throws
    -> Distance?
  {
    guard let x = look.trace.inputs[site.name], let y = look.trace.plainOutput(site.name) else { return nil }
    let own = attachment.parameters(at: site)
    func value(_ leaf: String) -> Tensor? { own.first { $0.leaf == leaf }?.value }
    guard let down = value("down"), let downBias = value("downBias"), let up = value("up"),
      let upBias = value("upBias")
    else { return nil }
    let h = try method.reads(x, y, at: site, Pass())
    let inner = try method.activation(h.linear(down, bias: downBias))
    let f = try inner.linear(up, bias: upBias).scaled(by: method.strength)
    let most = inner.scalars.reduce(0) { max($0, abs($1)) }
    let width = inner.width, numbers = inner.scalars
    let idle = (0..<width).filter { unit in
      stride(from: unit, to: numbers.count, by: width).allSatisfy { abs(numbers[$0]) <= 1e-6 * most }
    }
    return Distance(
      site: site, change: attachment.isOn ? Double(f.norm) : 0, read: Double(h.norm), given: Double(y.norm),
      idle: idle.count, width: width)
  }
}
