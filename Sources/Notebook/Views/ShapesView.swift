import Engine
import Events
import Networks
import Options

/// `show shapes`: the sites of the model, with what went through them in a real run.
public struct ShapesView: View {
  /// What it says of itself.
  public static let card = Card(
    "shapes", "Places, the shapes that went through them, what sits there.",
    examples: ["show shapes", "show shapes attn.*", "show shapes blocks.0", "show shapes wide"],
    notes: ["Blocks that are like the one before are left out, unless all or wide asks for them."])

  /// Whether every column is shown, whatever the width.
  public var wide = false
  /// Whether blocks that are alike are all listed.
  public var all = false

  /// Its options.
  public static var options: [Option<ShapesView>] {
    [
      Option("wide", \.wide, "every column, in parts where they do not fit"),
      Option("all", \.all, "every block, also those that are alike"),
    ]
  }
  /// Places.
  public static var takes: Takes { .sites }

  private typealias Line = (site: Site, cells: [Datum])

  /// The columns that fit.
  public init() {}

  /// Runs the model and lists its sites.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let sites = try subject.sites(call.text(0), at: call.places.first)
    let look =
      subject.model.isBlank ? nil : try subject.look(subject.reading(), interrupt: session.interrupt)
    var counted = Set<ObjectIdentifier>()  // a weight that several sites use is counted once
    let lines = subject.model.sites.map { site -> Line in (site, row(site, look, subject, &counted)) }
    let chosen = Set(sites.map { ObjectIdentifier($0) })
    let listed = lines.filter { chosen.contains(ObjectIdentifier($0.site)) }
    let (shown, folded) = all || wide || call.text(0) != nil ? (listed, "") : Self.folded(listed)
    let columns: [Table.Column] = [
      .init("site", priority: 0, isWhole: subject.model.network.start != nil), .init("kind", priority: 6),
      .init("in", priority: 5),
      .init("out", priority: 4),
      .init("params", .right, priority: 1), .init("state", priority: 2), .init("edits", priority: 3),
      .init("Hugging Face", priority: 9),
    ]
    session.emit(.table(Table(columns: columns, rows: shown.map(\.cells), wide: wide)))
    if !folded.isEmpty { session.say(.dim(folded)) }
    session.say(
      .dim(
        look.map { "shapes of a run on \($0.reading.name)" }
          ?? "widths a position: it has no numbers to run on"))
    session.emit(.facts(Self.total(subject)))
  }

  private func row(_ site: Site, _ look: Look?, _ subject: Subject, _ counted: inout Set<ObjectIdentifier>)
    -> [Datum]
  {
    let fresh = site.kind == .part ? [] : site.own.filter { counted.insert(ObjectIdentifier($0)).inserted }
    let isTied = site.kind != .part && fresh.isEmpty && !site.own.isEmpty
    var (input, output) = ("\(site.width.in)", "\(site.width.out)")
    if let look {
      let isTable = site.kind == .embedding
      input = isTable ? look.reading.indices : look.trace.inputs[site.name].map { shapeText($0.shape) } ?? ""
      output = look.trace.outputs[site.name].map { shapeText($0.shape) } ?? "did not run"
    }
    return [
      .words(site.name), .words(site.kind.rawValue), .words(input), .words(output),
      isTied ? "tied" : fresh.isEmpty ? .empty : .count(fresh.reduce(0) { $0 + $1.count }),
      .words(mark(site.own)), .words(Self.edits(at: site, subject)), .words(site.foreignName ?? ""),
    ]
  }

  /// What sits at a site: attachments with their condition, hooks.
  private static func edits(at site: Site, _ subject: Subject) -> String {
    let attached = subject.model.attachments.compactMap { one -> String? in
      let sits = one.edits.contains { $0.site === site }
      guard sits || (site.kind != .part && site.own.contains { one.claims($0) }) else { return nil }
      return one.name + (one.isFolded ? " (merged)" : one.isOn ? "" : " (off)")
    }
    let hooks = subject.hooks.filter { $0.site === site }.map { "hook " + $0.text }
    return (attached + hooks).joined(separator: ", ")
  }

  /// Leaves out blocks whose lines equal those of the block before, where there are many.
  private static func folded(_ lines: [Line]) -> (shown: [Line], note: String) {
    let blocks = Dictionary(grouping: lines.filter { $0.site.layer != nil }) { $0.site.layer ?? 0 }
    guard blocks.count > 3 else { return (lines, "") }
    func facts(_ layer: Int) -> [[Datum]] {
      (blocks[layer] ?? []).map { [.words($0.site.localName)] + $0.cells[1...6] }
    }
    var left: [Int] = []
    for layer in blocks.keys.sorted().dropFirst() where facts(layer) == facts(layer - 1) {
      left.append(layer)
    }
    guard left.count > 1 else { return (lines, "") }
    let names = left.map(String.init).joined(separator: " ")
    return (
      lines.filter { $0.site.layer.map(left.contains) != true },
      "blocks \(names): each as the block before it; show shapes all lists them"
    )
  }

  private static func total(_ subject: Subject) -> Facts {
    let model = subject.model
    return Facts(
      "total",
      [
        .init("base", .count(model.baseCount)), .init("added", .count(model.count - model.baseCount)),
        .init("● trained", .count(model.trainableCount)),
        .init("○ frozen", .count(model.count - model.trainableCount)),
      ])
  }
}
