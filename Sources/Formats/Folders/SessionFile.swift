import FileSystem
import Options

/// A saved session in one file: tensors named by the hashes of their contents, and a text that tells the
/// rest.
///
/// It is a safetensors file, so other programs can look into it. Its metadata holds the text under `graft`,
/// the table from the session's names to hashes under `graft.tensors`, and a hash of both under
/// `graft.check`. Equal tensors are stored once; every hash is checked on reading, so damage anywhere is
/// found.
public struct SessionFile: Sendable {
  /// The ending of a session's file name.
  public static let ending = ".graft-session"
  static let version = "1"

  /// The session's text.
  public let text: String
  /// The names of its tensors, in their order.
  public let names: [String]
  /// The file that holds the tensors under their hashes.
  public let file: Safetensors
  private let hashes: JSON.Object

  /// Writes a session, all or nothing. Each tensor's bytes are asked for twice: for its hash, then for the
  /// file.
  public static func write(
    text: String, tensors: [Safetensors.Part], to path: String, files: any Files = .disk
  ) throws {
    var table = JSON.Object(), stored: [Safetensors.Part] = [], known: Set<String> = []
    for part in tensors {
      let hash = try hash(of: part)
      guard table.add(part.name, .string(hash)) else {
        throw Failure(
          "two tensors of the session are named \(shown(part.name)).", cure: "Give each its own name.")
      }
      if known.insert(hash).inserted {
        stored.append(Safetensors.Part(hash, part.dtype, part.shape, part.fill))
      }
    }
    let list = try JSON.object(table).text()
    let metadata = [
      "graft": text, "graft.tensors": list, "graft.version": version, "graft.check": check(text, list),
    ]
    try Safetensors.write(stored, metadata: metadata, to: path, files: files)
  }

  /// Reads a session and checks every hash.
  public init(_ path: String, files: any Files = .disk) throws {
    try self.init(Safetensors(path, files: files))
  }

  /// Reads a session from a file that is open, and checks every hash.
  public init(_ file: Safetensors) throws {
    let path = file.path
    guard let text = file.metadata["graft"], let list = file.metadata["graft.tensors"] else {
      throw Failure(
        "\(shown(path)) is not a session of Graft.", cure: "Name a file that ends in \(SessionFile.ending).")
    }
    guard file.metadata["graft.version"] == SessionFile.version else {
      let version = file.metadata["graft.version"] ?? "none"
      throw Failure(
        "\(shown(path)) is a session of version \(shown(version)).", cure: "Open it with a newer Graft.")
    }
    guard file.metadata["graft.check"] == SessionFile.check(text, list) else {
      throw SessionFile.damaged(path, "its text does not match its hash")
    }
    guard let table = try JSON.parse(list, name: "\(path), graft.tensors").asObject else {
      throw SessionFile.damaged(path, "its table of tensors is no object")
    }
    try SessionFile.verify(file, table)
    (self.text, self.file, hashes, names) = (text, file, table, table.keys)
  }

  /// Whether a file is a session, by its header alone.
  public static func isSession(_ file: Safetensors) -> Bool { file.metadata["graft.tensors"] != nil }

  /// The tensor that the session knows by a name; throws with the nearest name where there is none.
  public func entry(_ name: String) throws -> Safetensors.Entry {
    guard let hash = hashes[name]?.asString else {
      throw unknown("tensor", name, among: names, of: file.path)
    }
    return try file.entry(hash)
  }

  /// Lends the bytes of a tensor for the time of the call, without copying.
  public func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    try file.withBytes(of: entry(name), body)
  }
}

extension SessionFile {
  /// The hash that names a tensor: of its format, its shape and its bytes.
  private static func hash(of part: Safetensors.Part) throws -> String {
    var hash = SHA256()
    hash.update(part.dtype.rawValue + " " + part.shape.map(String.init).joined(separator: ",") + "\n")
    try part.pour { hash.update($0) }
    return hash.hex()
  }

  private static func check(_ text: String, _ list: String) -> String {
    var hash = SHA256()
    hash.update("\(text.utf8.count)\n")
    hash.update(text)
    hash.update(list)
    return hash.hex()
  }

  private static func verify(_ file: Safetensors, _ table: JSON.Object) throws {
    for entry in file.entries {
      let part = Safetensors.Part(entry.name, entry.dtype, entry.shape) { sink in
        try file.withBytes(of: entry, sink)
      }
      if try hash(of: part) != entry.name {
        throw damaged(file.path, "the tensor \(shown(entry.name)) has other bytes")
      }
    }
    for member in table.members {
      guard let hash = member.value.asString, file[hash] != nil else {
        throw damaged(file.path, "the tensor \(shown(member.key)) is missing")
      }
    }
  }

  private static func damaged(_ path: String, _ how: String) -> Failure {
    Failure("the session \(shown(path)) is damaged: \(how).", cure: "Take an earlier copy of it.")
  }
}
