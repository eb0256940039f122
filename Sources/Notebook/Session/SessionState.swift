import Engine
import Events

/// Everything in a session that commands can change, as kept references: taking one copies no numbers, and
/// putting it back is exact.
struct SessionState {
  let subjects: [SubjectState]
  var current: String?
  let bindings: [String: Value]
  let seed: UInt64
  let snaps: [String: Snap]
  let watches: [String]

  /// Shows every block of memory that the state keeps alive; the same one may come several times.
  func visitStorages(_ visit: (Storage) -> Void) {
    for subject in subjects {
      subject.model.storages.forEach(visit)
      for tensor in subject.trainer.tensors.values { visit(tensor.storage) }
      for memory in subject.trainer.memory.values { memory.tensors.forEach { visit($0.storage) } }
    }
    for value in bindings.values { value.visitStorages(visit) }
    for snap in snaps.values { snap.values.values.forEach { visit($0.storage) } }
  }

  /// Bytes of the state's own lists, roughly: what it takes when it shares all numbers with others.
  var overhead: Int {
    subjects.reduce(512) { $0 + 96 * $1.model.count + 192 * $1.trainer.memory.count + 512 }
  }
}

extension Value {
  fileprivate func visitStorages(_ visit: (Storage) -> Void) {
    switch self {
    case .tensor(let tensor, _): visit(tensor.storage)
    case .list(let values): values.forEach { $0.visitStorages(visit) }
    default: break
    }
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
      subjects: subjects.map(SubjectState.init), current: currentName, bindings: bindings, seed: seed,
      snaps: snaps,
      watches: watches)
  }

  /// Goes to a state, bit for bit.
  func restore(_ state: SessionState) throws {
    for subject in subjects {
      subject.trainer.cancel()
      // What is left behind shall hold its numbers alone.
      for parameter in subject.model.trainable { parameter.value.storage.dropDerived() }
    }
    subjects = state.subjects.map(\.subject)
    currentName = state.current
    bindings = state.bindings
    seed = state.seed
    snaps = state.snaps
    watches = state.watches
    for subject in state.subjects { try subject.restore() }
  }
}
