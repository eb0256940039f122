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
  /// Whether its effect is there; while off, the model answers without it.
  public var isOn = true
  /// Whether its effect stands in the base's weights.
  public private(set) var isFolded = false
  /// Values of base parameters before it came (those it trains) or before it was folded, and what folding wrote.
  private var saved: [String: Tensor] = [:]
  private var written: [String: Tensor] = [:]

  /// Attaches a method; throws the reason when the model cannot take it, and then changes nothing.
  @discardableResult
  public init(_ method: some TuningMethod, to model: Model, name: String, placement: Placement = .init()) throws {
    var method = method
    try method.supports(model)
    guard !model.attachments.contains(where: { $0.name == name }) else {
      throw Failure("there is already an attachment named “\(name)”.", cure: "Give this one a name: as=NAME")
    }
    try method.prepare(model)
    self.name = name
    self.method = method
    self.placement = placement
    let chosen = try Self.sites(for: type(of: method), placement, in: model)
    let own = Directory()
    var edits: [(site: Site, edit: Edit)] = []
    for site in chosen {
      let path = site.kind == .entry ? name : site.name + "." + name
      let scope = Scope(own, path: path, chance: model.chance, table: model.site("embed")?.weight?.value)
      if let edit = try method.edit(site, scope) { edits.append((site, edit)) }
    }
    self.edits = edits
    parameters = own.parameters
    let trained = model.directory.parameters.filter { method.trains($0) }
    guard !edits.isEmpty || !trained.isEmpty else {
      throw Failure(
        "\(name) finds nothing to change or train in this model.", cure: "See the places there are: show shapes")
    }
    for parameter in trained {
      saved[parameter.name] = parameter.value
      parameter.base = parameter.base ?? parameter.value
    }
    for (site, edit) in edits { site.place(edit, by: self) }
    model.attachments.append(self)
    model.refreshTrainable()
  }

  /// Whether it trains this parameter of the base.
  public func claims(_ parameter: Parameter) -> Bool { method.trains(parameter) }

  /// The sites that a placement chooses; throws with the sites there are when a pattern fits none.
  public static func sites(for method: any TuningMethod.Type, _ placement: Placement, in model: Model) throws -> [Site] {
    let blocks = Set(model.sites.compactMap(\.layer))
    if let wrong = placement.layers.first(where: { !blocks.contains($0) }) {
      throw Failure("layers=\(wrong): this model has blocks 0 to \(blocks.count - 1).", cure: "For example layers=0")
    }
    let texts = placement.on.isEmpty ? method.targets(model) : placement.on
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
  public func detach(from model: Model) throws {
    if isFolded { try unfold(model) }
    let later = model.attachments.drop { $0 !== self }.dropFirst()
    for (name, before) in saved {
      guard let parameter = model.directory.parameter(name) else { continue }
      if let heir = later.first(where: { $0.saved[name] != nil }) {
        heir.saved[name] = before  // it trains the same numbers: what it restores is what was before both
      } else {
        parameter.value = before
      }
    }
    for (site, _) in edits { site.remove(self) }
    model.attachments.removeAll { $0 === self }
    for parameter in model.directory.parameters where parameter.base != nil {
      if !model.attachments.contains(where: { $0.saved[parameter.name] != nil }) { parameter.base = nil }
    }
    model.refreshTrainable()
  }

  // MARK: Folding

  /// Puts its effect into the base's weights; throws the reason where that cannot be done, and then changes nothing.
  public func fold(_ model: Model) throws {
    let card = type(of: method).card
    guard !isFolded else { throw Failure("\(name) is already merged.", cure: "unmerge \(name) takes it out again") }
    guard card.folds != .already else {
      throw Failure("\(name) trains the base's own parameters: there is nothing to merge.", cure: "detach takes its change away")
    }
    guard card.folds == .exact, edits.allSatisfy({ $0.edit.folded != nil }) else {
      throw Failure("\(name) cannot be merged: \(card.notes.first ?? "no weight could hold it").")
    }
    var values: [String: Tensor] = [:]
    for (site, edit) in edits {
      guard let weight = site.weight, let folded = edit.folded else { continue }
      if let shared = model.sites.first(where: { $0.weight === weight && $0 !== site && $0.kind != .part && site.kind != .part }) {
        throw Failure(
          "\(name) cannot be merged at \(site.name): its weight is also that of \(shared.name), which would change too.",
          cure: "Attach without on=\(site.localName), or leave it unmerged")
      }
      let bias = site.bias
      let whole = Weights(
        weight: values[weight.name] ?? weight.value, bias: bias.map { values[$0.name] ?? $0.value })
      let after = try Self.fold(whole, site.columns, folded)
      values[weight.name] = after.weight
      if let bias, let value = after.bias { values[bias.name] = value }
    }
    guard values.values.allSatisfy(\.isFinite) else {
      throw Failure("\(name) cannot be merged: the merged weights are not finite.", cure: "undo the last steps, or lower lr")
    }
    for (name, value) in values {
      guard let parameter = model.directory.parameter(name) else { continue }
      if saved[name] == nil { saved[name] = parameter.value }
      parameter.base = parameter.base ?? parameter.value
      parameter.value = value
    }
    written = values
    for (site, _) in edits { site.remove(self) }
    isFolded = true
    model.refreshTrainable()
  }

  private static func fold(_ whole: Weights, _ rows: Range<Int>?, _ folded: (Weights) throws -> Weights) throws -> Weights {
    guard let rows else { return try folded(whole) }
    let part = try folded(
      Weights(weight: whole.weight.slice(axis: 0, rows), bias: whole.bias?.slice(axis: 0, rows)))
    func put(_ part: Tensor, into all: Tensor) throws -> Tensor {
      let pieces = [try all.slice(axis: 0, 0..<rows.lowerBound), part, try all.slice(axis: 0, rows.upperBound..<all.shape[0])]
      return try Tensor.concat(pieces, axis: 0)
    }
    var out = whole
    out.weight = try put(part.weight, into: whole.weight)
    if let bias = whole.bias, let changed = part.bias { out.bias = try put(changed, into: bias) }
    return out
  }

  /// Takes a folded effect out of the weights again: the bits from before come back.
  public func unfold(_ model: Model) throws {
    guard isFolded else { throw Failure("\(name) is not merged.", cure: "merge \(name) puts it into the weights") }
    for (name, value) in written {
      guard let parameter = model.directory.parameter(name), parameter.value.storage === value.storage else {
        throw Failure(
          "\(self.name) cannot be taken out of \(name): that weight has changed since the merge.",
          cure: "Undo what came after the merge first: unmerge the later one, or undo the steps")
      }
    }
    for name in written.keys {
      guard let parameter = model.directory.parameter(name), let before = saved[name] else { continue }
      parameter.value = before
      if !claims(parameter) { saved[name] = nil }
      if !model.attachments.contains(where: { $0.saved[name] != nil }) { parameter.base = nil }
    }
    written = [:]
    isFolded = false
    for (site, edit) in edits { site.place(edit, by: self) }
    model.refreshTrainable()
  }
}

// MARK: The model's whole state, for going back in time

/// Everything about a model that commands can change, as kept references: taking one copies no numbers.
public struct ModelState {
  fileprivate struct Attached {
    let attachment: Attachment
    let isOn: Bool, isFolded: Bool
    let saved: [String: Tensor], written: [String: Tensor]
  }
  fileprivate let attached: [Attached]
  fileprivate let values: [(parameter: Parameter, value: Tensor, base: Tensor?, pin: Bool?)]

  /// The memory that keeps this state alive, by identity, with bytes.
  public var storages: [(id: ObjectIdentifier, bytes: Int)] {
    values.map { (ObjectIdentifier($0.value.storage), $0.value.count * $0.value.storage.format.size) }
  }
}

extension Model {
  /// The present state.
  public var state: ModelState {
    ModelState(
      attached: attachments.map(\.stateOfItself),
      values: parameters.map { ($0, $0.value, $0.base, $0.pin) })
  }

  /// Goes back (or forward) to a state, bit for bit.
  public func restore(_ state: ModelState) {
    for attachment in attachments { attachment.unplace() }
    attachments = state.attached.map(\.attachment)
    for one in state.attached { one.attachment.take(one) }
    for (parameter, value, base, pin) in state.values {
      parameter.value = value
      parameter.base = base
      parameter.pin = pin
    }
    refreshTrainable()
  }
}

extension Attachment {
  fileprivate var stateOfItself: ModelState.Attached {
    .init(attachment: self, isOn: isOn, isFolded: isFolded, saved: saved, written: written)
  }

  fileprivate func unplace() { for (site, _) in edits { site.remove(self) } }

  fileprivate func take(_ state: ModelState.Attached) {
    isOn = state.isOn
    isFolded = state.isFolded
    saved = state.saved
    written = state.written
    if !isFolded { for (site, edit) in edits { site.place(edit, by: self) } }
  }
}

extension ModelState {
  /// A parameter's value in this state; nil if it was not there.
  public func value(of parameter: Parameter) -> Tensor? { values.first { $0.parameter === parameter }?.value }
}
