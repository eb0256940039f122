import Engine
import Options

/// A model's state by names, as a file can hold it: `ModelState` without references to the model.
public struct ModelRecord {
  /// A parameter.
  public struct Entry {
    /// Its full name.
    public var name: String
    /// Its value.
    public var value: Tensor
    /// What `freeze` or `thaw` said.
    public var pin: Bool?
    /// Who changed the value in place, oldest first.
    public var claims: [Claim]
    /// What packing took the place of, and the attachment that packed it; nil: nothing did.
    public var packing: (owner: String?, original: Packing.Original)?

    /// A parameter.
    public init(
      name: String, value: Tensor, pin: Bool?, claims: [Claim],
      packing: (owner: String?, original: Packing.Original)? = nil
    ) {
      (self.name, self.value, self.pin, self.claims) = (name, value, pin, claims)
      self.packing = packing
    }
  }

  /// What an attachment that trains a parameter, or is folded into it, left there.
  public struct Claim {
    /// The attachment's name.
    public var owner: String
    /// The value before it came.
    public var before: Tensor
    /// What folding wrote; nil: it trains.
    public var folded: Tensor?

    /// A claim.
    public init(owner: String, before: Tensor, folded: Tensor?) {
      (self.owner, self.before, self.folded) = (owner, before, folded)
    }
  }

  /// An attachment's switches.
  public struct Switch {
    /// Its name.
    public var name: String
    /// Whether its effect is there.
    public var isOn: Bool
    /// Whether its effect stands in the base's weights.
    public var isFolded: Bool

    /// Switches.
    public init(name: String, isOn: Bool, isFolded: Bool) {
      (self.name, self.isOn, self.isFolded) = (name, isOn, isFolded)
    }
  }

  /// The base's parameters and those of the attachments, in order.
  public var entries: [Entry]
  /// The attachments in order.
  public var switches: [Switch]

  /// A record from its parts.
  public init(entries: [Entry], switches: [Switch]) { (self.entries, self.switches) = (entries, switches) }
}

extension Model {
  /// The present state, by names.
  public var record: ModelRecord {
    ModelRecord(
      entries: parameters.map { parameter in
        let claims = parameter.claims.map {
          ModelRecord.Claim(owner: $0.owner.name, before: $0.before, folded: $0.folded)
        }
        let packing = parameter.packing.map { (owner: $0.ownerName, original: $0.original) }
        return .init(
          name: parameter.name, value: parameter.value, pin: parameter.pin, claims: claims, packing: packing)
      },
      switches: attachments.map { .init(name: $0.name, isOn: $0.isOn, isFolded: $0.isFolded) })
  }

  /// Goes to a recorded state; throws, and changes nothing, where attachments, names or shapes are others.
  public func restore(_ record: ModelRecord) throws {
    let grown = directory.grown
    directory.setGrown(grownBiases(of: record))
    do {
      let (attached, values) = try fitting(record)
      restore(ModelState(attached: attached, values: values, grown: directory.grown))
    } catch {
      directory.setGrown(grown)
      throw error
    }
  }

  /// The biases of a record that layers here lack: they came with a fold.
  private func grownBiases(of record: ModelRecord) -> [(site: Site, bias: Parameter)] {
    let names = Set(record.entries.map(\.name))
    return sites.compactMap { site in
      let name = site.name + ".bias"
      guard site.kind == .linear, site.bias?.isGrown ?? true, names.contains(name) else { return nil }
      return (site, Parameter(name, .zeros([site.width.out]), isGrown: true))
    }
  }

  /// What the record says of every parameter and attachment there is; throws where they are others.
  private func fitting(_ record: ModelRecord) throws -> (
    attached: [(attachment: Attachment, isOn: Bool, isFolded: Bool)],
    values: [ModelState.Kept]
  ) {
    guard record.switches.map(\.name) == attachments.map(\.name) else {
      throw Failure("other attachments were recorded: " + record.switches.map(\.name).joined(separator: " "))
    }
    let own = parameters
    guard record.entries.count == own.count else {
      throw Failure("\(record.entries.count) parameters were recorded, and the model has \(own.count).")
    }
    let values = try zip(own, record.entries).map { parameter, entry in
      let original = entry.packing.flatMap { Packing(owner: nil, original: $0.original).kept }
      let tensors =
        [entry.value] + (original.map { [$0] } ?? [])
        + entry.claims.flatMap { [$0.before] + ($0.folded.map { [$0] } ?? []) }
      guard entry.name == parameter.name, tensors.allSatisfy({ $0.shape == parameter.shape }) else {
        throw Failure(
          "\(entry.name) \(entry.value.shape) was recorded where the model has \(parameter.name) \(parameter.shape)."
        )
      }
      let claims = try entry.claims.map { claim in
        guard let owner = attachments.first(where: { $0.name == claim.owner }) else {
          throw Failure("\(entry.name) was changed by \(claim.owner), which is not attached.")
        }
        return Parameter.Claim(owner: owner, before: claim.before, folded: claim.folded)
      }
      let packing = try entry.packing.map { owner, original in
        let packer = attachments.first { $0.name == owner }
        guard owner == nil || packer != nil else {
          throw Failure("\(entry.name) was packed by \(owner ?? ""), which is not attached.")
        }
        return Packing(owner: packer, original: original)
      }
      return ModelState.Kept(
        parameter: parameter, value: entry.value.plain, claims: claims, pin: entry.pin, packing: packing)
    }
    let attached = zip(attachments, record.switches).map {
      (attachment: $0, isOn: $1.isOn, isFolded: $1.isFolded)
    }
    return (attached, values)
  }
}
