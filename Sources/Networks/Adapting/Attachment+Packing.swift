import Engine
import Options

/// Packing the base's weights into fewer bits, and giving back the exact numbers that were there.
///
/// A packed parameter never trains. It keeps its original in memory, or where the original still lies in the file
/// that it came from, the way to it; a base too large to be kept twice can let its original go.
extension Model {
  /// What happens to the numbers that packing takes the place of.
  public enum Originals: Sendable {
    /// They are read again from their file where they lie in one, else kept.
    case kept
    /// They are read again from their file where they lie in one, else let go.
    case letGo
    /// The weights come packed already, from a saved session: nothing is packed.
    case packedBefore
  }

  /// The weights that methods pack: those of linear layers in blocks. Embeddings, norms and heads stay as they are, as
  /// in transformers.
  public var packable: [Parameter] {
    var all: [Parameter] = []
    for site in sites where site.kind == .linear && site.layer != nil {
      guard let weight = site.weight, network.head.weight !== weight,
        !sites.contains(where: { $0.kind == .embedding && $0.weight === weight }),
        !all.contains(where: { $0 === weight })
      else { continue }
      all.append(weight)
    }
    return all
  }

  /// Parameters that are packed.
  public var packed: [Parameter] { directory.parameters.filter(\.isPacked) }

  /// Bytes that originals would take in memory because they lie in no file.
  public func originalBytes(_ parameters: [Parameter]) -> Int {
    parameters.reduce(0) { $0 + ($1.source == nil ? 4 * $1.count : 0) }
  }

  /// Packs parameters, all or none; throws the reason and then has changed nothing.
  public func pack(
    _ chosen: [(parameter: Parameter, codec: any Codec)], owner: Attachment? = nil,
    originals: Originals = .kept
  ) throws {
    let all = try chosen.map { parameter, codec in
      try checkPackable(parameter)
      do {
        return (parameter, try codec.packed(parameter.value), parameter.original(originals))
      } catch let failure as Failure {
        throw Failure("\(parameter.name): \(failure.what)", cure: failure.cure)
      }
    }
    for (parameter, value, original) in all {
      parameter.packing = Packing(owner: owner, original: original)
      parameter.value.storage.dropDerived()  // what is kept is kept once, not turned round as well
      parameter.value = value
    }
    refreshTrainable()
  }

  private func checkPackable(_ parameter: Parameter) throws {
    if parameter.isPacked {
      throw Failure(
        "\(parameter.name) is in \(parameter.value.packing?.form.name ?? "few") bits already: packing twice rounds twice.",
        cure: "attach lora beside the packed weights; or undo first")
    }
    if let claim = parameter.claims.last {
      let owner = claim.owner.name
      throw claim.folded == nil
        ? Failure(
          "\(parameter.name) is trained by \(owner), and codes cannot train.", cure: "detach \(owner)")
        : Failure("\(owner) is merged into \(parameter.name).", cure: "unmerge \(owner)")
    }
    if parameter.pin == true {
      throw Failure("\(parameter.name) was thawed, and codes cannot train.", cure: "freeze \(parameter.name)")
    }
  }
}

extension Attachment {
  /// Packs what the method's codec asks for; throws where it would train what is packed.
  func pack(
    _ model: Model, _ method: some TuningMethod, _ originals: Model.Originals, beside trained: [Parameter]
  ) throws {
    if let packed = trained.first(where: \.isPacked) {
      let code = packed.value.packing?.form.name ?? "codes"
      throw Failure(
        "\(name) trains \(packed.name), which is packed into \(code), and codes cannot train.",
        cure: packed.packing?.owner.map { "detach \($0.name)" } ?? "attach lora trains beside them")
    }
    guard originals != .packedBefore else { return }
    let chosen = model.packable.compactMap { parameter in
      method.codec(for: parameter).map { (parameter: parameter, codec: $0) }
    }
    try model.pack(chosen, owner: self, originals: originals)
  }

  /// Parameters that it packed.
  public func packs(_ parameter: Parameter) -> Bool { parameter.packing?.owner === self }

  /// The exact numbers from before packing, by parameter; what was let go stays packed. Throws where a file cannot be
  /// read, and changes nothing.
  func originals(_ model: Model) throws -> [(parameter: Parameter, value: Tensor?)] {
    try model.directory.parameters.filter(packs).map { parameter in
      if let other = parameter.claims.first(where: { $0.owner !== self })?.owner {
        throw Failure(
          "\(name) cannot come off: \(other.name) was merged into \(parameter.name), which \(name) packed.",
          cure: "First: unmerge \(other.name)")
      }
      if case .gone? = parameter.packing?.original { return (parameter, nil) }
      return (parameter, try parameter.original())
    }
  }

  /// Puts the numbers from before packing back.
  func unpack(_ originals: [(parameter: Parameter, value: Tensor?)]) {
    for (parameter, value) in originals {
      guard let value else {
        parameter.packing = Packing(owner: nil, original: .gone)
        continue
      }
      parameter.value = value
      parameter.packing = nil
    }
  }
}

extension Parameter {
  /// Whether its numbers are packed, or stand over packed ones (merged).
  public var isPacked: Bool { packing != nil || value.packing != nil }

  /// Its value in the base as it was, without attachments and unpacked; throws where that cannot be read any more.
  public func original() throws -> Tensor {
    guard let packing else { return base ?? value }
    return try packing.original.tensor(name)
  }

  /// How its present numbers will be had again.
  fileprivate func original(_ originals: Model.Originals) -> Packing.Original {
    // The file is trusted for what it holds now, not for what it held once: training may have moved the numbers.
    if let source, let again = try? source.read(), again.isIdentical(to: value) {
      return .filed(source, hash: value.hash())
    }
    return originals == .letGo ? .gone : .kept(value)
  }
}
