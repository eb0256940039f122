import Notebook

/// What a line means in the state that the session is in: a cell, an answer, or nothing.
enum Typed {
  /// The cell to run; nil where there is none.
  static func cell(_ line: String, _ session: Session) -> String? {
    let isBlank = line.allSatisfy(\.isWhitespace)
    if let asking = session.asking {
      if isBlank { return asking.verb }
      return isCommand(line, isChoice: asking.name == asking.verb, session)
        ? line : asking.verb + " " + quoted(line)
    }
    if isBlank { return session.emptyLine }
    return isComment(line) ? nil : line
  }

  /// Whether a line is text that asks for nothing: blanks and comments.
  static func isComment(_ text: String) -> Bool {
    text.split(separator: "\n").allSatisfy { line in line.first { !$0.isWhitespace }.map { $0 == "#" } ?? true
    }
  }

  /// Whether the line is more likely a command than an answer: help, a single verb, and with a question of
  /// choices any line that begins with a full verb.
  private static func isCommand(_ line: String, isChoice: Bool, _ session: Session) -> Bool {
    let words = line.split { $0.isWhitespace || $0 == ";" }.map(String.init)
    guard let first = words.first else { return false }
    if first.hasPrefix("?") { return true }
    return session.vocabulary.verbs.contains(first) && (isChoice || words.count == 1)
  }

  private static func quoted(_ line: String) -> String {
    var out = "\""
    for c in line {
      switch c {
      case "\"", "\\": out += "\\\(c)"
      case "\n", "\r\n": out += "\\n"
      case "\t": out += "\\t"
      default: out.append(c)
      }
    }
    return out + "\""
  }
}
