import Engine
import Options

/// Weights and biases with an attachment's effect in them, gathered before any of them is written.
struct FoldedValues {
  /// Weights that change, with their values.
  private(set) var weights: [(parameter: Parameter, value: Tensor)] = []
  /// Layers whose bias changes or comes to be, with its value.
  private(set) var biases: [(site: Site, value: Tensor)] = []

  var areFinite: Bool { weights.allSatisfy { $0.value.isFinite } && biases.allSatisfy { $0.value.isFinite } }

  /// Puts an edit's effect into what stands here so far; `name` is for errors.
  mutating func fold(
    _ site: Site, _ change: @escaping (Weights) throws -> Weights, name: String
  ) throws {
    guard let old = now(site) else { return }
    let new = try Self.fold(old, site.columns, site.counted(change))
    let layer = site.whole ?? site
    if new.weight.storage !== old.weight.storage { set(layer.weight, new.weight) }
    guard let bias = new.bias, bias.storage !== old.bias?.storage else { return }
    if layer.kind == .norm, layer.bias == nil { return try passOn(bias, from: layer, name) }
    set(layer, bias)
  }

  /// Writes all of it, and leaves at each parameter what was there before.
  func write(by owner: Attachment, _ model: Model) {
    let grown = biases.map { (parameter: $0.site.bias ?? model.directory.grow($0.site), value: $0.value) }
    for (parameter, value) in weights + grown {
      parameter.claims.append(.init(owner: owner, before: parameter.value, folded: value))
      parameter.value = value
    }
  }

  /// A layer's weight and bias as they stand here so far.
  private func now(_ site: Site) -> Weights? {
    guard let weight = site.weight else { return nil }
    let layer = site.whole ?? site
    return Weights(
      weight: weights.first { $0.parameter === weight }?.value ?? weight.value,
      bias: biases.first { $0.site === layer }?.value ?? layer.bias?.value)
  }

  /// Packs what comes from packed weights again.
  mutating func pack() throws {
    for (parameter, value) in weights {
      guard let form = parameter.value.packing?.form else { continue }
      set(parameter, try form.packed(value))
    }
  }

  /// Gives a weight a value, in place of the one that stands here so far.
  mutating func set(_ weight: Parameter?, _ value: Tensor) {
    guard let weight else { return }
    weights.removeAll { $0.parameter === weight }
    weights.append((weight, value))
  }

  private mutating func set(_ site: Site, _ bias: Tensor) {
    biases.removeAll { $0.site === site }
    biases.append((site, bias))
  }

  /// A norm without a bias gives its shift to whoever reads it:        (n + β)·Wᵀ + b = n·Wᵀ + (b + W·β)
  private mutating func passOn(_ shift: Tensor, from norm: Site, _ name: String) throws {
    guard !norm.readers.isEmpty else {
      throw Failure("\(name) cannot be merged at \(norm.name): that norm has no bias to hold the shift.")
    }
    for reader in norm.readers {
      guard let old = now(reader) else { continue }
      let column = try old.weight.matmul(shift.reshaped([shift.count, 1])).reshaped([reader.width.out])
        .scaled(by: norm.readerFactor)
      set(reader, try old.bias.map { try $0 + column } ?? column)
    }
  }

  /// Folds into all rows of a weight, or into a part's rows.
  private static func fold(_ whole: Weights, _ rows: Columns?, _ change: (Weights) throws -> Weights)
    throws -> Weights
  {
    guard let rows else { return try change(whole) }
    let old = Weights(
      weight: try whole.weight.slice(axis: 0, rows), bias: try whole.bias?.slice(axis: 0, rows))
    let part = try change(old)
    var out = whole
    if part.weight.storage !== old.weight.storage {
      out.weight = try whole.weight.replacing(axis: 0, rows, with: part.weight)
    }
    if let changed = part.bias, changed.storage !== old.bias?.storage {
      let bias = whole.bias ?? Tensor.zeros([whole.weight.shape[0]])
      out.bias = try bias.replacing(axis: 0, rows, with: changed)
    }
    return out
  }
}

extension Site {
  /// A change of what the weight counts for, as one of the weight: they differ where it counts from 1.
  fileprivate func counted(_ change: @escaping (Weights) throws -> Weights) -> (Weights) throws -> Weights {
    guard weightOffset != 0 else { return change }
    return { [weightOffset] old in
      var whole = old
      whole.weight = try old.weight.shifted(by: weightOffset)
      var new = try change(whole)
      new.weight = try new.weight.shifted(by: -weightOffset)
      return new
    }
  }
}
