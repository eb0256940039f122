import Options
import Synchronization

/// A file system in memory for tests, which can fail or "crash" at its n-th change.
///
/// It keeps apart what a program sees and what has reached the disk, so a test can ask what a crash or a
/// power cut at any moment leaves: bytes reach the disk when `create` ends, names when their folder is
/// synced.
public final class MemoryFiles: Files {
  /// What shall go wrong, counted in changes (create, each piece written, sync, make, rename, exchange,
  /// remove).
  public enum Trouble: Sendable, Equatable {
    /// Nothing.
    case none
    /// Change number n (from 1) fails as on a full disk; later ones succeed.
    case fails(at: Int)
    /// The machine stops in the middle of change number n; nothing works after it.
    case crashes(at: Int)
  }

  /// What is left after a crash.
  public enum Survival: Sendable, CaseIterable {
    /// The program died: all that it did is there.
    case programEnded
    /// The power failed: names were written, contents not synced are torn.
    case powerCutNamesWritten
    /// The power failed: neither names nor contents are there that were not synced.
    case powerCutNamesLost
  }

  struct State {
    var nodes: [Int: MemoryNode] = [0: .folder(seen: [:], synced: [:])]
    var next = 1
    var changes = 0
    var trouble = Trouble.none
    var hasCrashed = false
  }

  let state: Mutex<State>
  let exchanges: Bool

  /// An empty file system; with `exchanges` false it cannot exchange two names in one step.
  public convenience init(exchanges: Bool = true) { self.init(State(), exchanges: exchanges) }

  init(_ state: State, exchanges: Bool) {
    self.state = Mutex(state)
    self.exchanges = exchanges
  }

  /// How many changes there have been since `begin`.
  public var changes: Int { state.withLock { $0.changes } }

  /// Whether the machine has stopped.
  public var hasCrashed: Bool { state.withLock { $0.hasCrashed } }

  /// Brings everything to the disk and counts from 0 until the trouble comes.
  public func begin(_ trouble: Trouble = .none) {
    state.withLock {
      $0.nodes = $0.nodes.mapValues(\.allSynced)
      $0.changes = 0
      $0.trouble = trouble
    }
  }

  /// The same file system after the crash and a new start.
  public func restarted(_ survival: Survival) -> MemoryFiles {
    var after = state.withLock { $0 }
    after.nodes = after.nodes.mapValues { $0.survivor(survival).allSynced }
    after.trouble = .none
    after.hasCrashed = false
    after.changes = 0
    return MemoryFiles(after, exchanges: exchanges)
  }

  /// What lies at a path (links are followed), or nil.
  public func kind(at path: String) throws -> FileKind? {
    try Path.check(path)
    return try state.withLock { state in
      try state.checkAlive()
      guard let id = state.find(path), let node = state.nodes[id] else { return nil }
      if case .file(let seen, _) = node { return .file(size: seen.count) }
      return .folder
    }
  }

  /// The contents of a file.
  public func bytes(of path: String) throws -> FileBytes {
    _ = try size(of: path)
    return try state.withLock { state in
      try state.checkAlive()
      guard let id = state.find(path), case .file(let seen, _)? = state.nodes[id] else {
        throw Failure("there is no \(shown(path)).")
      }
      return FileBytes(seen)
    }
  }

  /// The names in a folder, sorted by their bytes.
  public func names(in folder: String) throws -> [String] {
    try state.withLock { state in
      try state.checkAlive()
      return try state.entries(of: folder).keys.sorted(by: ExactText.precedes)
    }
  }

  /// Creates or empties a file, fills it and brings it safely to the disk.
  public func create(_ path: String, _ fill: FileFill) throws {
    try Path.check(path)
    let id = try state.withLock { try $0.create(path) }
    try fill { piece in try state.withLock { try $0.append(Array(piece), to: id, path) } }
    try state.withLock { state in
      try state.change("bring to the disk", path)
      if case .file(let seen, _)? = state.nodes[id] { state.nodes[id] = .file(seen: seen, synced: seen) }
    }
  }

  /// Makes one folder whose parent is there.
  public func makeFolder(_ path: String) throws {
    try state.withLock { state in
      try state.change("make the folder", path)
      if state.find(path) != nil { throw Failure.exists(path) }
      try state.link(path, to: state.add(.folder(seen: [:], synced: [:])))
    }
  }

  /// Renames a file or folder; a file at the new name is replaced.
  public func rename(_ path: String, to new: String) throws {
    try state.withLock { state in
      try state.change("rename", path)
      guard let id = state.find(path) else { throw Failure("there is no \(shown(path)).") }
      if let there = state.find(new), case .folder(let seen, _)? = state.nodes[there], !seen.isEmpty {
        throw Failure.exists(new)
      }
      try state.link(path, to: nil)
      try state.link(new, to: id)
    }
  }

  /// Exchanges two names in one step; false where the system cannot.
  public func exchange(_ one: String, _ other: String) throws -> Bool {
    guard exchanges else { return false }
    return try state.withLock { state in
      try state.change("exchange", one)
      guard let a = state.find(one), let b = state.find(other) else {
        throw Failure("there is no \(shown(one)).")
      }
      try state.link(one, to: b)
      try state.link(other, to: a)
      return true
    }
  }

  /// Removes a file or an empty folder.
  public func remove(_ path: String) throws {
    try state.withLock { state in
      try state.change("remove", path)
      guard let id = state.find(path) else { throw Failure("there is no \(shown(path)).") }
      if case .folder(let seen, _)? = state.nodes[id], !seen.isEmpty { throw Failure.exists(path) }
      try state.link(path, to: nil)
    }
  }

  /// Brings the names in a folder safely to the disk.
  public func sync(folder: String) throws {
    try state.withLock { state in
      try state.change("bring to the disk", folder)
      let entries = try state.entries(of: folder)
      if let id = state.find(folder) { state.nodes[id] = .folder(seen: entries, synced: entries) }
    }
  }
}
