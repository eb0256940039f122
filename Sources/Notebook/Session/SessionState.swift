import Engine

/// Everything in a session that commands can change, as kept references: taking one copies no numbers, and
/// putting it back is exact.
struct SessionState {
  let subjects: [SubjectState]
  let current: String?
  let bindings: [String: Value]
  let seed: UInt64
  let snaps: [String: Snap]
  let watches: [String]

  /// The memory that this state alone keeps alive, roughly: what training has made anew since the step before.
  var bytesOfStep: Int {
    guard let subject = subjects.first(where: { $0.subject.name == current }) else { return 0 }
    let moments = subject.trainer.memory.values.reduce(0) { $0 + $1.tensors.reduce(0) { $0 + $1.count } }
    return 4 * (subject.subject.model.trainableCount + moments) + 2048
  }
}

/// Parameters kept under a name by `snap`, for `diff`.
public struct Snap {
  /// The model they belong to.
  public let subject: String
  /// Values by full name.
  public let values: [String: Tensor]
}

extension Session {
  /// The present state.
  func capture() -> SessionState {
    SessionState(
      subjects: subjects.map(SubjectState.init), current: currentName, bindings: bindings, seed: seed, snaps: snaps,
      watches: watches)
  }

  /// Goes to a state, bit for bit.
  func restore(_ state: SessionState) throws {
    subjects = state.subjects.map(\.subject)
    currentName = state.current
    bindings = state.bindings
    seed = state.seed
    snaps = state.snaps
    watches = state.watches
    for subject in state.subjects { try subject.restore() }
  }

  /// A hash over models, attachments, optimisers, chance, data positions and bindings; not over the tape.
  public func hash() -> String {
    var sum = Chance.stream("session", step: Int(truncatingIfNeeded: seed))
    func mix(_ text: String) { sum = Chance.stream("\(sum)" + text) }
    func mix(_ tensor: Tensor) { sum = tensor.hash(sum) }
    for subject in subjects {
      mix(subject.name + subject.origin)
      for attachment in subject.model.attachments { mix("\(attachment.name) \(attachment.isOn) \(attachment.isFolded)") }
      for parameter in subject.model.parameters {
        mix(parameter.name + (parameter.isTrainable ? "+" : "-"))
        mix(parameter.value)
      }
      for hook in subject.hooks { mix("\(hook.site.name) \(hook.text)") }
      let state = subject.trainer.state
      mix("\(state.step) \(state.optimiser) \(state.rate ?? -1) \(state.schedule) \(state.clip) \(subject.source?.name ?? "")")
      for (name, memory) in state.memory.sorted(by: { $0.key < $1.key }) {
        mix("\(name) \(memory.steps)")
        memory.tensors.forEach { mix($0) }
      }
    }
    for (name, value) in bindings.sorted(by: { $0.key < $1.key }) {
      mix(name + value.brief)
      if case .tensor(let t, _) = value { mix(t) }
    }
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
