import Engine
import Options

/// Putting an attachment's effect into the base's weights, and taking it out again.
extension Attachment {
  /// What a packed weight becomes when a change is put into it.
  public enum Merging: String, CaseIterable, Sendable {
    /// Unpacked, then changed: the same answers up to rounding, in float32.
    case dequantized
    /// The numbers from before packing, changed: what packing lost comes back, so the answers differ.
    case source
    /// Unpacked, changed and packed again: as small as before, rounded a second time.
    case requantize
  }

  /// Puts its effect into the base's weights; throws the reason where that cannot be done, and then changes nothing.
  public func fold(_ model: Model, how: Merging = .dequantized) throws {
    let card = type(of: method).card
    guard !model.isBlank else { throw Model.isBlankFailure("merge into") }
    guard !isFolded else {
      throw Failure("\(name) is already merged.", cure: "unmerge \(name) takes it out again")
    }
    guard card.folds != .already else {
      throw Failure(
        "\(name) trains the base's own parameters: there is nothing to merge.",
        cure: "detach takes its change away")
    }
    guard card.folds == .exact, edits.allSatisfy({ $0.edit.folded != nil && $0.site.weight != nil }) else {
      let reason = card.notes.first ?? "no weight could hold it."
      throw Failure("\(name) cannot be merged: \(reason)")
    }
    var values = FoldedValues()
    if how == .source {
      for parameter in model.packed where parameter.claims.isEmpty {
        values.set(parameter, try parameter.original())
      }
    }
    for (site, edit) in edits {
      guard let folded = edit.folded else { continue }
      try checkOthers(site, edit, model)
      try values.fold(site, folded, name: name)
    }
    guard values.areFinite else {
      throw Failure(
        "\(name) cannot be merged: the merged weights are not finite.",
        cure: "undo the last steps, or lower lr")
    }
    if how == .requantize { try values.pack() }
    values.write(by: self, model)
    removeEdits()
    isFolded = true
    model.refreshTrainable()
  }

  /// Takes a folded effect out of the weights again: the bits from before come back.
  public func unfold(_ model: Model) throws {
    guard isFolded else {
      throw Failure("\(name) is not merged.", cure: "merge \(name) puts it into the weights")
    }
    let held = model.directory.parameters.filter {
      $0.claims.contains { $0.owner === self && $0.folded != nil }
    }
    for parameter in held {
      guard let last = parameter.claims.last, last.owner === self,
        last.folded?.storage === parameter.value.storage
      else {
        let other = parameter.claims.last.flatMap { $0.owner === self ? nil : $0 }
        let cure = other.map { $0.folded == nil ? "detach \($0.owner.name)" : "unmerge \($0.owner.name)" }
        throw Failure(
          "\(name) cannot be taken out of \(parameter.name): that weight has changed since the merge.",
          cure: "Undo what came after the merge first: \(cure ?? "undo the steps")")
      }
    }
    for parameter in held { release(parameter) }
    model.directory.shed()
    isFolded = false
    // Edits run in the order in which attachments came, so those after this one go behind it again.
    let later = model.attachments.drop { $0 !== self }
    for attachment in later { attachment.removeEdits() }
    for attachment in later where !attachment.isFolded { attachment.placeEdits() }
    model.refreshTrainable()
  }

  /// Throws where the merged weight would serve another layer too, or would meet another attachment otherwise than
  /// the edit does.
  private func checkOthers(_ site: Site, _ edit: Edit, _ model: Model) throws {
    if let weight = site.weight, site.kind != .part,
      let shared = model.sites.first(where: { $0.weight === weight && $0 !== site && $0.kind != .part })
    {
      throw Failure(
        "\(name) cannot be merged at \(site.name): its weight is also that of \(shared.name), which would change too.",
        cure: "Attach without on=\(site.localName), or leave it unmerged")
    }
    let layer = site.whole ?? site
    for place in [layer] + layer.parts where site.kind != .part || place.kind != .part || place === site {
      try checkOthers(site, edit, at: place, place.placed)
    }
    guard site.kind == .norm, site.bias == nil else { return }
    // A shift that moves into the readers' biases would be missing from what others read there.
    for reader in site.readers.flatMap({ [$0] + $0.parts }) {
      try refuse(at: reader, reader.placed.first { $0.owner !== self && !$0.edit.isOutputOnly })
    }
  }

  /// Whether what others do at a place would still meet what the edit does: a stretched or shifted output, once in
  /// the weight, comes before everything else that changes the output, and a stretched input after everything else.
  private func checkOthers(_ site: Site, _ edit: Edit, at place: Site, _ placed: [Site.Placed]) throws {
    let own = placed.firstIndex { $0.owner === self } ?? placed.count
    for (i, other) in placed.enumerated() where other.owner !== self {
      // A part's edits run after the whole layer's inputs and before its outputs.
      let isBefore = place === site ? i < own : place.kind == .part
      let changesOutput =
        edit.output != nil && (other.edit.term != nil || isBefore && other.edit.output != nil)
      let isAfter = place === site ? i > own : place.kind == .part
      let changesInput = edit.input != nil && (other.edit.term != nil || isAfter && other.edit.input != nil)
      if other.edit.base != nil || changesOutput || changesInput { try refuse(at: site, other) }
    }
  }

  private func refuse(at site: Site, _ other: Site.Placed?) throws {
    guard let other else { return }
    let owner = (other.owner as? Attachment)?.name ?? "a hook"
    throw Failure(
      "\(name) cannot be merged at \(site.name): \(owner) changes that layer too, and would meet the merged weight otherwise.",
      cure: "Merge or detach \(owner) first")
  }
}

extension Edit {
  /// Whether it leaves alone what the layer reads.
  fileprivate var isOutputOnly: Bool { input == nil && term == nil && base == nil }
}
