import FileSystem
import Options

/// A folder of prepared files with their checksums in `SHA256SUMS`: what was changed since is never read.
struct KeptFolder {
  /// The list of checksums, written last.
  static let sums = "SHA256SUMS"

  /// The folder.
  let path: String
  /// The word after `get`.
  let name: String
  /// What is in it, for errors: `tweets`.
  let subject: String
  /// The first line of the list; raised whenever the preparation changes, so that older files are made anew.
  let heading: String
  /// How files are opened.
  var disk: any Files = .disk

  private var cure: String { "Type: get \(name)" }

  /// Whether it is there, of this preparation; the files themselves are not read.
  var isThere: Bool {
    (try? disk.text(of: path + "/" + Self.sums)).map { $0.hasPrefix(heading + "\n") } ?? false
  }

  /// Writes all files into an empty folder, the checksums last.
  func write(_ files: [String: [UInt8]]) throws {
    var report = heading + "\n"
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
      try disk.write(path + "/" + name, bytes: bytes)
      report += "\(SHA256.hex(bytes))  \(name)\n"
    }
    try disk.write(path + "/" + Self.sums, text: report)
  }

  /// Reads all files; throws where one is missing, changed, or of an older preparation.
  func read() throws -> [String: [UInt8]] {
    guard try disk.exists(path + "/" + Self.sums) else {
      throw Failure("the \(subject) are not there yet.", cure: cure, details: ["looked in \(path)"])
    }
    let report = try disk.text(of: path + "/" + Self.sums).split(separator: "\n").map(String.init)
    guard report.first == heading else {
      throw Failure("the \(subject) in \(path) are of another version.", cure: cure)
    }
    var files: [String: [UInt8]] = [:]
    for entry in report.dropFirst() {
      let parts = entry.split(separator: " ").map(String.init)
      guard parts.count == 2, !parts[1].contains("/") else {
        throw Failure("\(path)/\(Self.sums) is damaged.", cure: cure)
      }
      let bytes = try disk.contents(of: path + "/" + parts[1])
      guard SHA256.hex(bytes) == parts[0] else {
        throw Failure("\(path)/\(parts[1]) was changed since it was prepared.", cure: cure)
      }
      files[parts[1]] = bytes
    }
    return files
  }

  /// A file of those that were read.
  func file(_ name: String, _ files: [String: [UInt8]]) throws -> [UInt8] {
    guard let bytes = files[name] else {
      throw Failure("\(path)/\(Self.sums) does not name \(name).", cure: cure)
    }
    return bytes
  }
}
