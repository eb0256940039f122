import Options

/// What lies at a path.
public enum FileKind: Sendable, Equatable {
  /// A regular file and its size in bytes.
  case file(size: Int)
  /// A folder.
  case folder
  /// Neither, in words: "a named pipe", "a device".
  case other(String)
}

/// Takes the next bytes of a file that is being written.
public typealias FileSink = (UnsafeRawBufferPointer) throws -> Void

/// Writes a file's contents, in as many pieces as it likes, into the sink that it is given.
public typealias FileFill = (_ sink: FileSink) throws -> Void

/// The few operations on files from which everything else is made: `DiskFiles` is real, `MemoryFiles` is for
/// tests.
///
/// Only regular files are opened. Every error is a `Failure` with the path, the reason and the cure. Code
/// that writes uses `write` and `writeFolder` (`FileReplacing.swift`), which no crash can leave half done.
public protocol Files: Sendable {
  /// What lies at a path (links are followed), or nil where there is nothing.
  func kind(at path: String) throws -> FileKind?
  /// The contents of a regular file, read or, where it is large, mapped.
  func bytes(of path: String) throws -> FileBytes
  /// The names in a folder, sorted, without `.` and `..`.
  func names(in folder: String) throws -> [String]
  /// Creates or empties a file, fills it and brings it safely to the disk; not atomic, so meant for files
  /// aside.
  func create(_ path: String, _ fill: FileFill) throws
  /// Makes one folder whose parent is there.
  func makeFolder(_ path: String) throws
  /// Renames a file or a folder in one step; a file at the new name is replaced.
  func rename(_ path: String, to new: String) throws
  /// Exchanges two names in one step; false where the system cannot.
  func exchange(_ one: String, _ other: String) throws -> Bool
  /// Removes a file or an empty folder.
  func remove(_ path: String) throws
  /// Brings the names in a folder safely to the disk.
  func sync(folder: String) throws
}

extension Files {
  /// Whether anything lies at the path.
  public func exists(_ path: String) throws -> Bool { try kind(at: path) != nil }

  /// The size of a regular file in bytes; throws for anything else.
  public func size(of path: String) throws -> Int {
    switch try kind(at: path) {
    case .file(let size): return size
    case .folder: throw Path.refusal(path, is: "a folder")
    case .other(let what): throw Path.refusal(path, is: what)
    case nil: throw missing(path)
    }
  }

  /// A whole file as text; throws with the line where it is not UTF-8.
  public func text(of path: String) throws -> String {
    let bytes = try bytes(of: path)
    return try bytes.withBytes { try UTF8Check.text($0.bindMemory(to: UInt8.self), of: shown(path)) }
  }

  /// A whole file of at most 256 MB in an array, for reading from its beginning to its end.
  public func contents(of path: String) throws -> [UInt8] {
    let size = try size(of: path), limit = 256 << 20
    guard size <= limit else {
      throw Failure("\(shown(path)) has \(size) bytes; at most \(limit) are read.", cure: "Cut it in parts.")
    }
    return try bytes(of: path).array
  }

  /// Makes a folder and those above it where they are missing.
  public func makeFolders(_ path: String) throws {
    switch try kind(at: path) {
    case .folder: return
    case .file, .other:
      throw Failure("\(shown(path)) is there already and is not a folder.", cure: "Name another.")
    case nil:
      let parent = Path.parent(of: path)
      if parent != path { try makeFolders(parent) }
      try makeFolder(path)
    }
  }

  /// The error for a path where nothing lies, with the nearest name in its folder.
  public func missing(_ path: String) -> Failure {
    let parent = Path.parent(of: path), last = Path.last(of: path)
    guard let names = try? names(in: parent) else {
      return Failure(
        "there is no \(shown(path)).", cure: "There is no folder \(shown(parent)) either: check the path.")
    }
    let near = nearest(to: last, among: names)
    return Failure(
      "there is no \(shown(path)).", cure: near.map { "Did you mean “\($0)”?" } ?? "Check the path.")
  }
}

extension Files where Self == DiskFiles {
  /// The real disk.
  public static var disk: DiskFiles { DiskFiles() }
}

extension Files where Self == MemoryFiles {
  /// An empty file system in memory, for tests.
  public static var memory: MemoryFiles { MemoryFiles() }
}
