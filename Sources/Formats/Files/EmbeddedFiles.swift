import Options
import Texts

/// The files that travel inside the program, as a file system that can only be read.
///
/// Paths are those in the project: `lessons/models/alphabet/config.json`.
public struct EmbeddedFiles: Files {
  /// The files inside this program.
  public init() {}

  /// What lies at a path; a folder is whatever a name begins with.
  public func kind(at path: String) throws -> FileKind? {
    let path = try inner(path)
    if let bytes = Texts.bytes(path) { return .file(size: bytes.count) }
    let isFolder = path.isEmpty || Texts.names.contains { $0.hasPrefix(path + "/") }
    return isFolder ? .folder : nil
  }

  /// A copy of a file's bytes, aligned as tensors need it.
  public func bytes(of path: String) throws -> FileBytes {
    guard let bytes = Texts.bytes(try inner(path)) else {
      _ = try size(of: path)
      throw missing(path)
    }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    copy.copyMemory(from: bytes)
    return FileBytes(owning: copy)
  }

  /// The names in a folder, sorted.
  public func names(in folder: String) throws -> [String] {
    guard try kind(at: folder) == .folder else {
      throw Failure(
        "the program has no folder \(shown(folder)) inside.", cure: "Names begin with lessons/ or Sources/.")
    }
    let path = try inner(folder), start = path.isEmpty ? "" : path + "/"
    let names = Texts.names.filter { $0.hasPrefix(start) }.compactMap {
      $0.dropFirst(start.count).split(separator: "/").first.map(String.init)
    }
    return Set(names).sorted(by: ExactText.precedes)
  }

  /// Throws: the program does not write into itself.
  public func create(_ path: String, _ fill: FileFill) throws { throw fixed(path) }
  /// Throws: the program does not write into itself.
  public func makeFolder(_ path: String) throws { throw fixed(path) }
  /// Throws: the program does not write into itself.
  public func rename(_ path: String, to new: String) throws { throw fixed(path) }
  /// Throws: the program does not write into itself.
  public func exchange(_ one: String, _ other: String) throws -> Bool { throw fixed(one) }
  /// Throws: the program does not write into itself.
  public func remove(_ path: String) throws { throw fixed(path) }
  /// Throws: the program does not write into itself.
  public func sync(folder: String) throws { throw fixed(folder) }

  /// The path as names have it; `.` is the project itself.
  private func inner(_ path: String) throws -> String {
    try Path.check(path)
    let path = Path.trimmed(path)
    return path == "." ? "" : path
  }

  private func fixed(_ path: String) -> Failure {
    Failure(
      "\(shown(path)) is part of the program, which does not write into itself.",
      cure: "Name a path on the disk.")
  }
}

extension Files where Self == EmbeddedFiles {
  /// The files that travel inside the program.
  public static var embedded: EmbeddedFiles { EmbeddedFiles() }
}
