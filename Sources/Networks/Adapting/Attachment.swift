import Engine
import Options

/// A method on a model: what it added, what it trains, and how to take it away again.
///
/// All bookkeeping of fine-tuning stands here, once for every method.
public final class Attachment: EditOwner {
  /// Where a method goes, for every method alike.
  public struct Placement: Sendable, Equatable {
    /// Patterns of site names; empty: the method's own targets.
    public var on: [String] = []
    /// Numbers of blocks; empty: all.
    public var layers: [Int] = []

    /// The method's own targets, in all blocks.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Placement>] {
      [
        Option("on", \.on, "sites it sits on: attn.q,attn.v", kind: .sites),
        Option("layers", \.layers, "only these blocks: 0,2 or 0..3"),
      ]
    }
  }

  /// The name by which it is addressed; its parameters carry it.
  public let name: String
  /// The method with its options.
  public private(set) var method: any TuningMethod
  /// Where it was asked to go.
  public let placement: Placement
  /// The parameters it added.
  public let parameters: [Parameter]
  /// Sites it changes, with what it does there.
  public let edits: [(site: Site, edit: Edit)]
  /// Whether its effect is there; while off, the model answers without it, and it does not train.
  public var isOn = true { didSet { model?.refreshTrainable() } }
  /// Whether its effect stands in the base's weights.
  public internal(set) var isFolded = false
  /// The attachment whose encoder it uses.
  public let lender: Attachment?
  /// Parameters of the lender that it uses, and trains while it is on.
  let borrowed: [Parameter]
  /// The names of the base's parameters that it trains.
  let trained: Set<String>
  weak var model: Model?

  /// Attaches a method; throws the reason when the model cannot take it, and then changes nothing.
  @discardableResult
  public init(_ method: some TuningMethod, to model: Model, name: String, placement: Placement = .init())
    throws
  {
    var method = method
    try method.supports(model)
    guard !model.attachments.contains(where: { $0.name == name }) else {
      throw Failure("there is already an attachment named “\(name)”.", cure: "Give this one a name: as=NAME")
    }
    try method.prepare(model)
    self.name = name
    self.method = method
    self.placement = placement
    let chosen = try Self.sites(for: method, placement, in: model)
    let lender = try Self.lender(of: method, in: model)
    let made = try Self.edits(of: method, at: chosen, as: name, model, lender)
    (self.lender, edits) = (lender, made.edits)
    (parameters, borrowed) = (made.own.parameters, made.own.borrowed)
    if let taken = parameters.first(where: { model.parameter($0.name) != nil }) {
      throw Failure(
        "there is already a parameter named \(taken.name).",
        cure: "Give this attachment another name: as=NAME")
    }
    // Parts share the whole layer's weight, which cannot train in some rows only.
    let isEverywhere = placement == Placement()
    let blocks = placement.layers
    let candidates = placement.on.isEmpty ? model.sites.filter { blocks.contains($0.layer ?? -1) } : chosen
    let placed = candidates.filter { $0.kind != .part }
    let trained = model.directory.parameters.filter { parameter in
      method.trains(parameter) && !parameter.isGrown
        && (isEverywhere || placed.contains { $0.weight === parameter || $0.bias === parameter })
    }
    self.trained = Set(trained.map(\.name))
    guard !edits.isEmpty || !trained.isEmpty else {
      throw Failure(
        "\(name) finds nothing to change or train in this model.",
        cure: "See the places there are: show shapes")
    }
    for parameter in trained {
      parameter.claims.append(.init(owner: self, before: parameter.value, folded: nil))
    }
    if method.isFixed { for parameter in parameters { parameter.pin = false } }
    self.model = model
    placeEdits()
    model.attachments.append(self)
    model.refreshTrainable()
  }

  /// One that stands where another stood, with these parameters; not yet on the model.
  init(_ method: some TuningMethod, in place: Attachment, values: [String: Tensor], _ model: Model) throws {
    (name, self.method, placement, lender) = (place.name, method, place.placement, nil)
    (isOn, trained) = (place.isOn, place.trained)
    let made = try Self.edits(of: method, at: place.edits.map(\.site), as: name, model, nil)
    (edits, parameters, borrowed) = (made.edits, made.own.parameters, [])
    for parameter in parameters {
      guard let value = values[parameter.name], value.shape == parameter.shape else {
        throw Failure("\(name) does not say what becomes of \(parameter.name).")
      }
      parameter.value = value.plain
    }
  }

  /// What a method does at sites, with the parameters that it makes.
  private static func edits(
    of method: some TuningMethod, at sites: [Site], as name: String, _ model: Model, _ lender: Attachment?
  ) throws -> (edits: [(site: Site, edit: Edit)], own: Directory) {
    let own = Directory(), table = model.site("embed")?.weight?.value
    var edits: [(site: Site, edit: Edit)] = []
    for site in sites {
      var scope = Scope(own, path: path(of: site, name), chance: model.chance, table: table)
      (scope.owner, scope.lender) = (name, lender)
      if let edit = try method.edit(site, scope) { edits.append((site, edit)) }
    }
    return (edits, own)
  }

  private static func lender(of method: some TuningMethod, in model: Model) throws -> Attachment? {
    guard let name = method.lender else { return nil }
    guard let found = model.attachments.first(where: { $0.name == name }) else {
      throw unknown("attachment", name, among: model.attachments.map(\.name))
    }
    return found
  }

  /// Whether it trains this parameter of the base.
  public func claims(_ parameter: Parameter) -> Bool { trained.contains(parameter.name) }

  /// The sites of a method with default options.
  public static func sites(for method: any TuningMethod.Type, _ placement: Placement, in model: Model) throws
    -> [Site]
  {
    try sites(for: method.init(), placement, in: model)
  }

  /// The sites that a placement chooses; throws with the sites there are when a pattern fits none.
  public static func sites(for method: any TuningMethod, _ placement: Placement, in model: Model) throws
    -> [Site]
  {
    let blocks = Set(model.sites.compactMap(\.layer))
    if let wrong = placement.layers.first(where: { !blocks.contains($0) }) {
      throw Failure(
        "layers=\(wrong): this model has blocks 0 to \(blocks.count - 1).", cure: "For example layers=0")
    }
    let texts = placement.on.isEmpty ? method.places(in: model) : placement.on
    let patterns = texts.map(SitePattern.init)
    for pattern in patterns where !model.sites.contains(where: { pattern.matches($0) }) {
      let names = Set(model.sites.filter { $0.kind == .linear || $0.kind == .part }.map(\.localName)).sorted()
      let near = nearest(to: pattern.description, among: names)
      throw Failure(
        "no site matches on=\(pattern).", cure: near.map { "Did you mean on=\($0)?" } ?? "",
        details: wrapped(names, prefix: "there are: "))
    }
    return model.sites.filter { site in
      (patterns.isEmpty || patterns.contains { $0.matches(site) })
        && (placement.layers.isEmpty || site.layer.map(placement.layers.contains) == true)
    }
  }

  // MARK: Coming off

  /// Takes it away and gives base parameters their values back, bit for bit; whatever order attachments came in.
  ///
  /// Where another was merged into what it trains, that one has to come out first.
  public func detach(from model: Model) throws {
    if let user = model.attachments.first(where: { $0.lender === self }) {
      throw Failure(
        "\(name) cannot come off: \(user.name) uses its encoder.",
        cure: "First: settle \(user.name), or detach \(user.name)")
    }
    for parameter in model.directory.parameters where claims(parameter) {
      let later = parameter.claims.drop { $0.owner !== self }
      guard let above = later.first(where: { $0.folded != nil && $0.owner !== self })?.owner else { continue }
      throw Failure(
        "\(name) cannot come off: \(above.name) was merged into \(parameter.name), which \(name) trained.",
        cure: "First: unmerge \(above.name)")
    }
    if isFolded { try unfold(model) }
    for parameter in model.directory.parameters { release(parameter) }
    model.directory.shed()
    removeEdits()
    model.attachments.removeAll { $0 === self }
    self.model = nil
    model.refreshTrainable()
  }

  /// Gives up its claim: the value from before it comes back, or goes to whoever came to the parameter next.
  func release(_ parameter: Parameter) {
    guard let own = parameter.claims.lastIndex(where: { $0.owner === self }) else { return }
    let before = parameter.claims[own].before
    if own + 1 < parameter.claims.count {
      // It trains the same numbers: what it restores is what was before both.
      parameter.claims[own + 1].before = before
    } else {
      parameter.value = before
    }
    parameter.claims.remove(at: own)
  }

  // MARK: Edits

  func placeEdits() { for (site, edit) in edits { site.place(edit, by: self) } }

  func removeEdits() { for (site, _) in edits { site.remove(self) } }
}
