import Engine

/// Everything about a model that commands can change, as kept references: taking one copies no numbers.
public struct ModelState {
  /// A parameter with everything that commands can change about it.
  struct Kept {
    let parameter: Parameter
    let value: Tensor
    let claims: [Parameter.Claim]
    let pin: Bool?
    let packing: Packing?
  }

  let attached: [(attachment: Attachment, isOn: Bool, isFolded: Bool)]
  let values: [Kept]
  let grown: [(site: Site, bias: Parameter)]

  /// The memory that this state keeps alive; the same one may come several times.
  public var storages: [Storage] {
    values.flatMap { one in
      [one.value.storage] + (one.packing?.kept.map { [$0.storage] } ?? [])
        + one.claims.flatMap { [$0.before.storage] + ($0.folded.map { [$0.storage] } ?? []) }
    }
  }

  /// A parameter's value in this state; nil if it was not there.
  public func value(of parameter: Parameter) -> Tensor? { values.first { $0.parameter === parameter }?.value }

  /// How many parameters there are.
  public var count: Int { values.count }
}

extension Model {
  /// The present state.
  public var state: ModelState {
    ModelState(
      attached: attachments.map { ($0, $0.isOn, $0.isFolded) },
      values: parameters.map(\.kept), grown: directory.grown)
  }

  /// Whether nothing has changed since a state: the same attachments, the same numbers in the same memory, the same pins.
  public func isSame(as state: ModelState) -> Bool {
    let parameters = parameters
    return attachments.count == state.attached.count && parameters.count == state.values.count
      && zip(attachments, state.attached).allSatisfy {
        $0 === $1.attachment && $0.isOn == $1.isOn && $0.isFolded == $1.isFolded
      }
      && parameters.indices.allSatisfy {
        parameters[$0] === state.values[$0].parameter && parameters[$0].pin == state.values[$0].pin
          && parameters[$0].value.storage === state.values[$0].value.storage
      }
  }

  /// Goes back (or forward) to a state, bit for bit.
  public func restore(_ state: ModelState) {
    for attachment in attachments {
      attachment.removeEdits()
      attachment.model = nil
    }
    directory.setGrown(state.grown)
    for kept in state.values {
      kept.parameter.packing = kept.packing
      kept.parameter.value = kept.value
      kept.parameter.claims = kept.claims
      kept.parameter.pin = kept.pin
    }
    attachments = state.attached.map(\.attachment)
    for (attachment, isOn, isFolded) in state.attached {
      attachment.isFolded = isFolded
      if !isFolded { attachment.placeEdits() }
      attachment.isOn = isOn
      attachment.model = self
    }
    refreshTrainable()
  }
}

extension Parameter {
  fileprivate var kept: ModelState.Kept {
    ModelState.Kept(parameter: self, value: value, claims: claims, pin: pin, packing: packing)
  }
}
