import Engine

/// Everything about a model that commands can change, as kept references: taking one copies no numbers.
public struct ModelState {
  fileprivate let attached: [(attachment: Attachment, isOn: Bool, isFolded: Bool)]
  fileprivate let values: [(parameter: Parameter, value: Tensor, claims: [Parameter.Claim], pin: Bool?)]

  /// The memory that keeps this state alive, by identity, with bytes.
  public var storages: [(id: ObjectIdentifier, bytes: Int)] {
    let tensors = values.flatMap { [$0.value] + $0.claims.map(\.before) }
    return tensors.map { (ObjectIdentifier($0.storage), $0.count * $0.storage.format.size) }
  }
}

extension Model {
  /// The present state.
  public var state: ModelState {
    ModelState(
      attached: attachments.map { ($0, $0.isOn, $0.isFolded) },
      values: parameters.map { ($0, $0.value, $0.claims, $0.pin) })
  }

  /// Goes back (or forward) to a state, bit for bit.
  public func restore(_ state: ModelState) {
    for attachment in attachments {
      attachment.removeEdits()
      attachment.model = nil
    }
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
