/// Whether a text can be run, needs another line, or cannot become right by adding lines.
public enum Completeness: Sendable, Equatable {
  /// It can be parsed (and may still be refused).
  case complete
  /// A bracket is open, or the last line ends in a backslash.
  case incomplete
  /// A text in quotes is not closed on its line, or brackets do not match.
  case invalid

  /// Looks at brackets, quotes and backslashes alone, so it needs to know no commands. Linear time.
  public static func of(_ text: String) -> Completeness {
    let lexer = Lexer(text)
    var balance = Balance()
    for line in lexer.lines { balance.read(line, of: lexer) }
    return balance.completeness
  }
}

/// The brackets and quotes that are open after some lines.
struct Balance {
  private var open: [UInt8] = []
  private var quoted = false
  private var continued = false
  private var wrong = false
  /// Whether a statement can begin at the position.
  private var start = true

  var completeness: Completeness {
    if wrong { return .invalid }
    return open.isEmpty && !continued ? .complete : .incomplete
  }

  /// Whether a line end here is a blank.
  private var inParentheses: Bool { open.last == 0x28 || open.last == 0x5B }

  /// Reads the next line, given without its newline.
  mutating func read(_ line: Range<Int>, of lexer: Lexer) {
    var i = line.lowerBound
    if !continued { start = !inParentheses }
    continued = false
    while i < line.upperBound {
      let b = lexer.bytes[i]
      if quoted {
        if b == 0x22 { quoted = false }
        i += b == 0x5C ? 2 : 1
        continue
      }
      if b == 0x23 { break }
      if b == 0x5C, lexer.continuation(at: i) > 0 {
        continued = true
        break
      }
      if b == 0x3F, start {
        while i < line.upperBound, ![0x3B, 0x23, 0x7D].contains(lexer.bytes[i]) { i += 1 }
        start = false
        continue
      }
      let length = lexer.space(at: i)
      if length == 0 { start = take(b) }
      i += max(1, length)
    }
    if quoted, !inParentheses { wrong = true }
  }

  /// Takes a bracket, quote or semicolon into account; says whether a statement can begin after it.
  private mutating func take(_ b: UInt8) -> Bool {
    switch b {
    case 0x22: quoted = true
    case 0x28, 0x5B: open.append(b)
    case 0x7B, 0x3B:
      if inParentheses { wrong = true }
      if b == 0x7B { open.append(b) }
      return true
    case 0x29, 0x5D, 0x7D:
      let opening: UInt8 = b == 0x29 ? 0x28 : b == 0x5D ? 0x5B : 0x7B
      if open.popLast() != opening { wrong = true }
    default: break
    }
    return false
  }
}

extension Lexer {
  /// The lines of the text without their newlines; at least one.
  var lines: [Range<Int>] {
    var found: [Range<Int>] = [], start = 0
    for i in 0..<end where bytes[i] == 0x0A {
      found.append(start..<i)
      start = i + 1
    }
    return found + [start..<end]
  }
}
