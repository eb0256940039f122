import Options

/// Paths as text: their last name, their folder, and what is refused.
public enum Path {
  /// The path without slashes at its end; `/` stays.
  public static func trimmed(_ path: String) -> String {
    var out = Substring(path)
    while out.utf8.count > 1, out.hasSuffix("/") { out.removeLast() }
    return String(out)
  }

  /// The last name of a path.
  public static func last(of path: String) -> String {
    let path = trimmed(path)
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// The folder that holds the path: `.` for a bare name.
  public static func parent(of path: String) -> String {
    let path = trimmed(path)
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : trimmed(String(path[..<slash]))
  }

  /// A name inside a folder.
  public static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// Whether it is a plain name that stays in its folder: not empty, no `/`, not `.` or `..`, no control
  /// characters.
  public static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.contains("/") && !hasControls(name)
  }

  /// Throws for paths that the system would misunderstand: empty ones, and those with a zero character.
  public static func check(_ path: String) throws {
    if path.isEmpty { throw Failure("the path is empty.", cure: "Name a file or a folder.") }
    if path.utf8.contains(0) {
      throw Failure("the path \(shown(path)) holds a zero character.", cure: "Remove it.")
    }
  }

  /// The error for something that is not a regular file.
  public static func refusal(_ path: String, is what: String) -> Failure {
    Failure("\(shown(path)) is \(what), not a regular file.", cure: "Name a regular file.")
  }
}

/// Whether a text holds characters that steer a terminal: C0, delete, C1.
public func hasControls(_ text: String) -> Bool {
  text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
}

/// A name or path from outside as it may be shown: in quotes, control characters spelled out, at most 200
/// characters.
public func shown(_ text: String) -> String {
  var out = "", count = 0
  for scalar in text.unicodeScalars {
    count += 1
    if count > 200 { return "“\(out)…”" }
    if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
      out += "\\u{" + String(scalar.value, radix: 16) + "}"
    } else {
      out.unicodeScalars.append(scalar)
    }
  }
  return "“\(out)”"
}
