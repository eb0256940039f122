#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A text that is not what was recorded, with the first line that differs.
public struct SnapshotDifference: Error, CustomStringConvertible {
  /// What differs, for a person.
  public let description: String
}

/// Compares a text with `Tests/Snapshots/<name>.txt`; with `RECORD=1` in the environment writes that file
/// instead and fails, so that no run with recording passes.
public func expectSnapshot(_ text: String, named name: String, file: String = #filePath) throws {
  let tests =
    file.split(separator: "/", omittingEmptySubsequences: false).prefix { $0 != "Tests" } + ["Tests"]
  let path = tests.joined(separator: "/") + "/Snapshots/\(name).txt"
  let ended = text.hasSuffix("\n") ? text : text + "\n"
  if getenv("RECORD").map({ String(cString: $0) }) == "1" {
    try write(ended, to: path)
    throw SnapshotDifference(description: "recorded \(name)")
  }
  guard let recorded = read(path) else {
    throw SnapshotDifference(description: "no snapshot \(name): run once with RECORD=1, and look at the file")
  }
  guard recorded != ended else { return }
  let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
  let new = ended.split(separator: "\n", omittingEmptySubsequences: false)
  let at =
    (0..<max(old.count, new.count)).first { $0 >= old.count || $0 >= new.count || old[$0] != new[$0] } ?? 0
  func line(_ lines: [Substring]) -> String { at < lines.count ? "“\(lines[at])”" : "the end" }
  throw SnapshotDifference(
    description:
      "\(name), line \(at + 1):\n  recorded \(line(old))\n  now      \(line(new))\nall of it:\n\(ended)")
}

private func read(_ path: String) -> String? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  var all: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 65_536)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { all += buffer[..<count] }
  return String(decoding: all, as: UTF8.self)
}

private func write(_ text: String, to path: String) throws {
  for (i, character) in path.enumerated() where character == "/" && i > 0 {
    mkdir(String(path.prefix(i)), 0o777)
  }
  guard let file = fopen(path, "wb") else { throw SnapshotDifference(description: "cannot write \(path)") }
  defer { fclose(file) }
  let bytes = Array(text.utf8)
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw SnapshotDifference(description: "cannot write all of \(path)")
  }
}
