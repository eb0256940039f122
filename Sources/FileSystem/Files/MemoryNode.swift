import Options

/// A file or a folder in memory: what the program sees, and what has reached the disk.
enum MemoryNode: Sendable {
  case file(seen: [UInt8], synced: [UInt8]?)
  case folder(seen: [String: Int], synced: [String: Int])

  /// The node once all of it is on the disk.
  var allSynced: MemoryNode {
    switch self {
    case .file(let seen, _): return .file(seen: seen, synced: seen)
    case .folder(let seen, _): return .folder(seen: seen, synced: seen)
    }
  }

  /// What a crash leaves of it; a file that was never synced keeps half of its bytes.
  func survivor(_ survival: MemoryFiles.Survival) -> MemoryNode {
    switch (self, survival) {
    case (_, .programEnded): return self
    case (.file(let seen, let synced), _):
      return .file(seen: synced ?? Array(seen.prefix(seen.count / 2)), synced: nil)
    case (.folder(let seen, let synced), .powerCutNamesLost): return .folder(seen: synced, synced: seen)
    case (.folder, _): return self
    }
  }
}

extension MemoryFiles.State {
  /// Throws once the machine has stopped.
  func checkAlive() throws {
    if hasCrashed { throw Failure("the machine has stopped.") }
  }

  /// Counts a change; throws where it shall fail or crash.
  mutating func change(_ verb: String, _ path: String) throws {
    try Path.check(path)
    try checkAlive()
    changes += 1
    if trouble == .crashes(at: changes) {
      hasCrashed = true
      try checkAlive()
    }
    if trouble == .fails(at: changes) {
      throw Failure("cannot \(verb) \(shown(path)): No space left on device.", cure: "The disk is full.")
    }
  }

  /// The node at a path; relative paths begin at the root too.
  func find(_ path: String) -> Int? {
    var id = 0
    for name in path.split(separator: "/") where name != "." {
      guard case .folder(let seen, _)? = nodes[id], let child = seen[String(name)] else { return nil }
      id = child
    }
    return id
  }

  /// The names in a folder and their nodes.
  func entries(of folder: String) throws -> [String: Int] {
    guard let id = find(folder), case .folder(let seen, _)? = nodes[id] else {
      throw Failure("there is no folder \(shown(folder)).", cure: "Check the path.")
    }
    return seen
  }

  /// Keeps a new node and gives its number.
  mutating func add(_ node: MemoryNode) -> Int {
    nodes[next] = node
    next += 1
    return next - 1
  }

  /// Lets a name stand for a node, or for nothing.
  mutating func link(_ path: String, to node: Int?) throws {
    let parent = Path.parent(of: path)
    guard let id = find(parent), case .folder(var seen, let synced)? = nodes[id] else {
      throw Failure("there is no folder \(shown(parent)).", cure: "Check the path.")
    }
    seen[Path.last(of: path)] = node
    nodes[id] = .folder(seen: seen, synced: synced)
  }

  /// Makes an empty file, or empties the one that is there.
  mutating func create(_ path: String) throws -> Int {
    try change("create", path)
    if let id = find(path) {
      guard case .file? = nodes[id] else { throw Failure.exists(path) }
      nodes[id] = .file(seen: [], synced: nil)
      return id
    }
    let id = add(.file(seen: [], synced: nil))
    try link(path, to: id)
    return id
  }

  /// Adds a piece to a file; a crash in it leaves half of the piece.
  mutating func append(_ piece: [UInt8], to id: Int, _ path: String) throws {
    guard case .file(let seen, _)? = nodes[id] else { throw Failure("there is no \(shown(path)).") }
    let wasAlive = !hasCrashed
    do {
      try change("write", path)
      nodes[id] = .file(seen: seen + piece, synced: nil)
    } catch {
      if wasAlive { nodes[id] = .file(seen: seen + piece.prefix(piece.count / 2), synced: nil) }
      throw error
    }
  }
}

extension Failure {
  static func exists(_ path: String) -> Failure {
    Failure("\(shown(path)) is there already.", cure: "Choose another name.")
  }
}
