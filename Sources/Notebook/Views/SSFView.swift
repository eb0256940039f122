import Engine
import Events
import Methods
import Networks
import Options

/// `show ssf`: scales and shifts by depth.
public struct SSFView: View {
  /// What it says of itself.
  public static let card = Card(
    "ssf", "Scales and shifts, operation by operation and by depth.",
    formula: "y ← γ⊙y + β: γ near 1 and β near 0 leave things as they are",
    use: "With one place: how its γ and β are distributed.",
    examples: ["show ssf", "show ssf mlp.up", "show ssf blocks.0.mlp.up", "show ssf save=ssf.svg"])

  /// Places.
  public static var takes: Takes { .sites }

  /// All places.
  public init() {}

  private struct Place {
    let attachment: Attachment, site: Site, scale: Tensor, shift: Tensor

    /// The root of the mean of (γ − 1)².
    var stretch: Double {
      Double(scale.scalars.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / Float(scale.count)).squareRoot()
    }
    /// The root of the mean of β².
    var move: Double { Double(shift.norm) / Double(shift.count).squareRoot() }
  }

  /// Lists the places and draws them by depth, or shows one.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let chosen = try subject.sites(call.text(0), at: call.places.first)
    let all = subject.model.attachments.filter { $0.method is SSF }.flatMap(places)
    guard !all.isEmpty else {
      throw Failure("no ssf is attached to \(subject.name).", cure: "attach ssf; step 20; show ssf")
    }
    let places = all.filter { place in chosen.contains { $0 === place.site } }
    guard let first = places.first else {
      throw Failure(
        "no ssf sits at \(call.text(0) ?? "").", cure: "They are at \(all[0].site.name) and so on",
        place: call.places.first)
    }
    if places.count == 1 { return one(first, session) }
    let rows = places.map { place -> [Datum] in
      let scale = Figures(place.scale), shift = Figures(place.shift)
      return [
        .words(place.site.name), .number(scale.mean), .number(scale.deviation), .number(scale.least),
        .number(scale.greatest), .number(shift.mean), .number(place.move),
      ]
    }
    let columns: [Table.Column] = [
      .init("site", priority: 0, isWhole: true), .init("γ mean", .right, priority: 1),
      .init("sd", .right, priority: 3),
      .init("least", .right, priority: 5), .init("greatest", .right, priority: 6),
      .init("β mean", .right, priority: 4), .init("√mean β²", .right, priority: 2),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    session.emit(.heatmap(byDepth("√mean (γ − 1)² by block", places, \.stretch)))
    session.emit(.heatmap(byDepth("√mean β² by block", places, \.move)))
    if all.contains(where: \.attachment.isFolded) {
      session.say(.dim("merged: these stand in the weights now"))
    }
  }

  private func one(_ place: Place, _ session: Session) {
    let name = place.site.name
    session.emit(.histogram(Histogram("γ at \(name)", values: place.scale.scalars)))
    session.emit(.histogram(Histogram("β at \(name)", values: place.shift.scalars)))
  }

  private func places(_ attachment: Attachment) -> [Place] {
    attachment.edits.compactMap { site, _ in
      let own = attachment.parameters(at: site)
      guard let scale = own.first(where: { $0.leaf == "scale" }),
        let shift = own.first(where: { $0.leaf == "shift" })
      else { return nil }
      return Place(attachment: attachment, site: site, scale: scale.value, shift: shift.value)
    }
  }

  /// Operations down, blocks across; what stands outside the blocks is in the table only.
  private func byDepth(_ title: String, _ places: [Place], _ value: (Place) -> Double) -> Heatmap {
    let inBlocks = places.filter { $0.site.layer != nil }
    var names: [String] = []
    for place in inBlocks where !names.contains(place.site.localName) { names.append(place.site.localName) }
    var blocks: [String] = []
    for case let block? in inBlocks.map(\.site.block) where !blocks.contains(block) { blocks.append(block) }
    let values = names.map { name in
      blocks.map { block in
        inBlocks.first { $0.site.block == block && $0.site.localName == name }.map(value) ?? .nan
      }
    }
    let most = values.joined().filter(\.isFinite).max() ?? 0
    return Heatmap(
      title, rows: names, columns: blocks.map { $0.replacing("blocks.", with: "") }, values: values,
      range: 0...max(most, 1e-9))
  }
}
