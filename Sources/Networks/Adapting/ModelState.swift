import Engine

/// Everything about a model that commands can change, as kept references: taking one copies no numbers.
public struct ModelState {
  let attached: [(attachment: Attachment, isOn: Bool, isFolded: Bool)]
  let values: [(parameter: Parameter, value: Tensor, claims: [Parameter.Claim], pin: Bool?)]
  let grown: [(site: Site, bias: Parameter)]

  /// The memory that this state keeps alive; the same one may come several times.
  public var storages: [Storage] {
    values.flatMap { one in
      [one.value.storage]
        + one.claims.flatMap { [$0.before.storage] + ($0.folded.map { [$0.storage] } ?? []) }
    }
  }

  /// A parameter's value in this state; nil if it was not there.
  public func value(of parameter: Parameter) -> Tensor? { values.first { $0.parameter === parameter }?.value }

  /// How many parameters there are.
  public var count: Int { values.count }

  /// Whether nothing has changed between two states of one model: the same attachments, the same numbers in the same
  /// memory, the same pins.
  public func isSame(as other: ModelState) -> Bool {
    attached.count == other.attached.count && values.count == other.values.count
      && zip(attached, other.attached).allSatisfy {
        $0.attachment === $1.attachment && $0.isOn == $1.isOn && $0.isFolded == $1.isFolded
      }
      && zip(values, other.values).allSatisfy {
        $0.parameter === $1.parameter && $0.value.storage === $1.value.storage && $0.pin == $1.pin
      }
  }
}

extension Model {
  /// The present state.
  public var state: ModelState {
    ModelState(
      attached: attachments.map { ($0, $0.isOn, $0.isFolded) },
      values: parameters.map { ($0, $0.value, $0.claims, $0.pin) }, grown: directory.grown)
  }

  /// Goes back (or forward) to a state, bit for bit.
  public func restore(_ state: ModelState) {
    for attachment in attachments {
      attachment.removeEdits()
      attachment.model = nil
    }
    directory.setGrown(state.grown)
    for (parameter, value, claims, pin) in state.values {
      parameter.value = value
      parameter.claims = claims
      parameter.pin = pin
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
