import Engine
import Events
import Methods
import Networks
import Options

/// `show delta`: what attachments and training changed in the weights.
public struct DeltaView: View {
  /// What it says of itself.
  public static let card = Card(
    "delta", "What changed in the weights: size, rank, singular values.",
    formula: "ΔW = W now − W of the base, attachments counted in",
    use: "With one place: the whole spectrum.",
    examples: ["show delta", "show delta blocks.1.attn.v", "show delta lora"],
    notes: [
      "Rank counts singular values above 1e-5 of the largest; effective rank is e^H of Roy & Vetterli 2007."
    ])

  /// Places.
  public static var takes: Takes { .sites }

  /// All places that changed.
  public init() {}

  /// What is known of a site's change.
  private struct Change {
    let site: Site, shape: [Int], values: [Float], size: Double, share: Double

    init(_ site: Site, in model: Model) throws {
      let delta = try Delta.of(site, in: model)
      var base = site.weight.map { $0.base ?? $0.value } ?? delta
      if let rows = site.columns { base = try base.slice(axis: 0, rows) }
      self.site = site
      shape = delta.shape
      values = try delta.singularValues()
      size = Figures(delta).norm
      let whole = Figures(base).norm
      share = whole > 0 ? size / whole : .nan
    }

    var rank: Int { values.filter { $0 > 1e-5 * (values.first ?? 0) }.count }
    var effective: Double { Functions.effectiveRank(values) }
  }

  /// Lists the places, or shows the spectrum of one.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let sites = try sites(subject, call)
    var changes: [Change] = []
    for site in sites {
      try session.interrupt.check()
      if session.interrupt.isRaised { break }
      changes.append(try Change(site, in: subject.model))
    }
    if changes.count == 1, call.text(0) != nil { return spectrum(changes[0], session, subject) }
    let rows = changes.map { one -> [Datum] in
      [
        .words(one.site.name), .words(shapeText(one.shape)), .number(one.size), .number(one.share),
        .count(one.rank),
        .number(one.effective), .numbers(Array(one.values.prefix(min(3, max(1, one.rank))))),
      ]
    }
    let columns: [Table.Column] = [
      .init("site", priority: 0, isWhole: true), .init("ΔW", priority: 5), .init("‖ΔW‖", .right, priority: 2),
      .init("‖ΔW‖/‖W‖", .right, priority: 3), .init("rank", .right, priority: 1),
      .init("effective", .right, priority: 4), .init("largest σ", priority: 6),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    if changes.allSatisfy({ $0.size == 0 }) {
      session.say("every ΔW is 0 exactly: the weights are the base's")
    }
  }

  private func sites(_ subject: Subject, _ call: Call) throws -> [Site] {
    let model = subject.model
    func hasMatrix(_ site: Site) -> Bool {
      site.weight != nil && (site.kind == .linear || site.kind == .part)
    }
    if let text = call.text(0) {
      let found = try model.site(text).map { [$0] } ?? subject.sites(text, at: call.places.first)
      guard found.contains(where: hasMatrix) else {
        let reason = found.count == 1 ? "\(found[0].name) has" : "“\(text)” are places that have"
        throw Failure(
          "\(reason) no matrix that could change.", cure: "For example show delta blocks.0.attn.qkv",
          place: call.places.first)
      }
      return found.filter(hasMatrix)
    }
    let edited = Set(
      model.attachments.flatMap {
        $0.edits.filter { $0.edit.folded != nil }.map { ObjectIdentifier($0.site) }
      })
    let found = model.sites.filter { site in
      guard hasMatrix(site) else { return false }
      return edited.contains(ObjectIdentifier(site)) || (site.kind == .linear && site.weight?.base != nil)
    }
    guard !found.isEmpty else {
      guard !model.attachments.isEmpty else {
        throw Failure(
          "nothing is attached, so there is nothing to compare the weights with.",
          cure: "attach lora, or attach full; step 20; show delta")
      }
      throw Failure(
        "what is attached changes no matrix.",
        cure: "show params lists what trains; attach lora changes matrices")
    }
    return found
  }

  /// `singular values 2.380 1.797 1.463 1.271 | 0 0 0 … (44 zeros)`
  private func spectrum(_ one: Change, _ session: Session, _ subject: Subject) {
    let rank = one.rank, digits = session.presentation.digits
    let kept = one.values.prefix(min(rank, 24)).map { formatted($0, digits: digits) }.joined(separator: " ")
    var line =
      StyledText("ΔW \(shapeText(one.shape))   singular values ") + .strong(kept.isEmpty ? "0" : kept)
    if rank > 24 { line += StyledText(" … (\(rank) in all)") }
    let rest = one.values.dropFirst(rank)
    if let most = rest.first, rank > 0 {
      line += StyledText(" | " + rest.prefix(3).map { _ in "0" }.joined(separator: " "))
      line += StyledText((rest.count > 3 ? " …" : "") + " (\(rest.count) zero\(rest.count == 1 ? "" : "s")")
      line += StyledText(most == 0 ? ")" : " up to rounding, \(formatted(most, digits: 2)))")
    } else if rank == 0 {
      line += StyledText(", all \(one.values.count) of them, exactly")
    }
    session.say(.strong(one.site.name) + "   " + line)
    let bound = Self.bound(at: one.site, subject)
    let word = bound.map { Self.isOption($0, at: one.site, subject) ? "r" : "the bound" } ?? ""
    let equals = bound.map { $0 == rank ? " = \(word)" : " (\(word) is \($0))" } ?? ""
    var facts: [Facts.Fact] = [
      .init("rank", .words("\(rank)\(equals)")), .init("effective rank", .number(one.effective)),
    ]
    facts += [.init("‖ΔW‖", .number(one.size)), .init("‖ΔW‖/‖W‖", .number(one.share))]
    session.emit(.facts(Facts("", facts)))
    if let bound {
      session.say(.dim("a change of rank \(bound) at the most: matrices of higher rank are out of its reach"))
    }
  }

  /// The rank that the one attachment at a site cannot exceed, where it is a low-rank change.
  private static func bound(at site: Site, _ subject: Subject) -> Int? {
    let there = subject.model.attachments.filter { $0.edits.contains { $0.site.weight === site.weight } }
    guard there.count == 1, let edit = there[0].edits.first(where: { $0.site === site })?.edit,
      site.weight?.base == nil || there[0].isFolded, let change = try? edit.change?()
    else { return nil }
    return change.a.shape[0]
  }

  /// Whether a bound is the method's own option r.
  private static func isOption(_ bound: Int, at site: Site, _ subject: Subject) -> Bool {
    func rank<M: TuningMethod>(_ method: M) -> Int? {
      M.options.first { $0.name == "r" }?.read(method).asInteger
    }
    let there = subject.model.attachments.first { $0.edits.contains { $0.site === site } }
    return there.flatMap { rank($0.method) } == bound
  }
}
