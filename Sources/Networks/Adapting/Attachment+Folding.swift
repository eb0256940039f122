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
    guard !isFolded else {
      throw Failure("\(name) is already merged.", cure: "unmerge \(name) takes it out again")
    }
    guard card.folds != .already else {
      throw Failure(
        "\(name) trains the base's own parameters: there is nothing to merge.",
        cure: "detach takes its change away")
    }
    guard card.folds == .exact, edits.allSatisfy({ $0.edit.folded != nil && $0.site.weight != nil }) else {
      throw Failure("\(name) cannot be merged: \(card.notes.first ?? "no weight could hold it").")
    }
    let values = try foldedValues(model, how)
    guard values.values.allSatisfy(\.isFinite) else {
      throw Failure(
        "\(name) cannot be merged: the merged weights are not finite.",
        cure: "undo the last steps, or lower lr")
    }
    for (name, value) in values {
      guard let parameter = model.directory.parameter(name) else { continue }
      parameter.claims.append(.init(owner: self, before: parameter.value, folded: value))
      parameter.value = value
    }
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
    isFolded = false
    // Edits run in the order in which attachments came, so those after this one go behind it again.
    let later = model.attachments.drop { $0 !== self }
    for attachment in later { attachment.removeEdits() }
    for attachment in later where !attachment.isFolded { attachment.placeEdits() }
    model.refreshTrainable()
  }

  /// The weights and biases with its effect in them, by name; only those that change.
  private func foldedValues(_ model: Model, _ how: Merging) throws -> [String: Tensor] {
    var values: [String: Tensor] = [:]
    if how == .source {
      for parameter in model.packed where parameter.claims.isEmpty {
        values[parameter.name] = try parameter.original()
      }
    }
    for (site, edit) in edits {
      guard let weight = site.weight, let folded = edit.folded else { continue }
      try checkOthers(site, edit, model)
      let whole = Weights(
        weight: values[weight.name] ?? weight.value, bias: site.bias.map { values[$0.name] ?? $0.value })
      let after = try Self.fold(whole, site.columns, folded)
      if after.weight.storage !== whole.weight.storage { values[weight.name] = after.weight }
      guard let value = after.bias, value.storage !== whole.bias?.storage else { continue }
      guard let bias = site.bias else {
        throw Failure(
          "\(name) cannot be merged at \(site.name): that layer has no bias, which the change needs.")
      }
      values[bias.name] = value
    }
    guard how == .requantize else { return values }
    for parameter in model.packed {
      guard let value = values[parameter.name], let form = parameter.value.packing?.form else { continue }
      guard value.isFinite else { continue }  // told with the name of the attachment
      values[parameter.name] = try form.packed(value)
    }
    return values
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
    let others = ([layer] + layer.parts).flatMap(\.placed).filter { $0.owner !== self }
    let conflict = others.first { other in
      other.edit.base != nil
        || (edit.output != nil && (other.edit.term != nil || other.edit.output != nil))
        || (edit.input != nil && (other.edit.term != nil || other.edit.input != nil))
    }
    guard let conflict else { return }
    let other = (conflict.owner as? Attachment)?.name ?? "a hook"
    throw Failure(
      "\(name) cannot be merged at \(site.name): \(other) changes that layer too, and would meet the merged weight otherwise.",
      cure: "Merge or detach \(other) first")
  }

  /// Folds into all rows of a weight, or into a part's rows.
  private static func fold(_ whole: Weights, _ rows: Range<Int>?, _ folded: (Weights) throws -> Weights)
    throws -> Weights
  {
    guard let rows else { return try folded(whole) }
    let old = Weights(
      weight: try whole.weight.slice(axis: 0, rows), bias: try whole.bias?.slice(axis: 0, rows))
    let part = try folded(old)
    func put(_ part: Tensor, into all: Tensor) throws -> Tensor {
      let pieces = [
        try all.slice(axis: 0, 0..<rows.lowerBound), part,
        try all.slice(axis: 0, rows.upperBound..<all.shape[0]),
      ]
      return try Tensor.concat(pieces, axis: 0)
    }
    var out = whole
    if part.weight.storage !== old.weight.storage { out.weight = try put(part.weight, into: whole.weight) }
    if let changed = part.bias, changed.storage !== old.bias?.storage {
      let bias = whole.bias ?? Tensor.zeros([whole.weight.shape[0]])
      out.bias = try put(changed, into: bias)
    }
    return out
  }
}
