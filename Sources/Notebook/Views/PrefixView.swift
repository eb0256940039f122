import Engine
import Events
import Networks
import Options

/// `show prefix`: how much attention the added keys draw, layer by layer.
public struct PrefixView: View {
  /// What it says of itself.
  public static let card = Card(
    "prefix", "How much attention added keys draw, by layer and head.",
    formula: "mass = mean over rows, heads and queries of Σ softmax(q·kᵀ/√d) over the added keys",
    examples: ["show prefix", "show prefix text=\"egik\""],
    notes: [
      "With equal scores everywhere, n added keys would draw n/(n + t) at the t-th letter.",
      "‖k‖ is the mean length of an added key, and of the text's own beside it.",
    ])

  /// A text to run on instead of the batch.
  public var text = ""

  /// Its options.
  public static var options: [Option<PrefixView>] {
    [Option("text", \.text, "a text to run on; without one, the batch of the next step")]
  }

  /// On the batch.
  public init() {}

  /// Lists the layers.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let reading = try subject.reading(text)
    let look = try subject.look(reading, interrupt: session.interrupt) { _ in true }
    let rows = try subject.model.sites.filter { $0.kind == .attention }.compactMap { try row($0, look) }
    guard !rows.isEmpty else {
      throw Failure("no method adds keys to the attention of \(subject.name).", cure: "attach prefix n=4")
    }
    let columns: [Table.Column] = [
      .init("layer", priority: 0, isWhole: subject.model.network.start != nil),
      .init("keys", .right, priority: 3), .init("mass", .right, priority: 0),
      .init("first letter", .right, priority: 1), .init("by head", priority: 2),
      .init("‖k‖", .right, priority: 4), .init("own ‖k‖", .right, priority: 5),
      .init("‖v‖", .right, priority: 6),
      .init("own ‖v‖", .right, priority: 7),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    session.say(.dim("mass: the share of attention on added keys, on \(reading.name)"))
  }

  private func row(_ site: Site, _ look: Look) throws -> [Datum]? {
    let input = look.reading.input, mask = site.stack == .decoder ? input.decoderMask : input.mask
    guard let mass = AddedMass(site, look.trace, mask) else { return nil }
    let heads = mass.heads.map { formatted(Float($0)) }.joined(separator: " ")
    let added = try site.addedKeysValues(Pass())
    return [
      .words(site.name), .count(mass.keys), .number(mass.mean), .number(mass.first), .words(heads),
      try length(added?.keys), try length(look.trace.outputs[site.name + ".k"]), try length(added?.values),
      try length(look.trace.outputs[site.name + ".v"]),
    ]
  }

  /// The mean length of rows.
  private func length(_ rows: Tensor?) throws -> Datum {
    guard let rows = rows?.plain, rows.count > 0 else { return .empty }
    let width = rows.width, values = rows.scalars, count = values.count / width
    let total = (0..<count).reduce(0.0) { sum, i in
      sum + values[i * width..<(i + 1) * width].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    return .number(total / Double(count))
  }
}
