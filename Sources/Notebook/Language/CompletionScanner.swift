/// Reads a text up to the cursor and keeps what kind of statement it is in.
struct CompletionScanner {
  typealias Subject = CompletionContext.Subject

  /// What the words at the position belong to.
  enum Mode {
    case start, expression, nothing, bound
    /// After `let` or `sweep`, with the name once it was read.
    case naming(keyword: String, name: String?)
    case command(PartialCommand)
  }

  let lexer: Lexer
  let words: Vocabulary
  private var i = 0
  var mode = Mode.start
  /// The open brackets, each with what it interrupted, and whether it stands directly behind a word.
  private var open: [(bracket: UInt8, mode: Mode, adjacent: Bool)] = []

  init(_ lexer: Lexer, _ words: Vocabulary) {
    self.lexer = lexer
    self.words = words
  }

  /// Reads to the end and says what stands there.
  mutating func context() -> CompletionContext {
    while i < lexer.end {
      let length = lexer.blank(at: i)
      if length > 0 {
        i += length
      } else if case .start = mode, lexer.bytes[i] == 0x3F {
        if let help = help() { return help }
      } else if Lexer.isWordByte(lexer.bytes[i]) {
        let word = i..<lexer.wordEnd(from: i)
        if word.upperBound == lexer.end { return partial(word) }
        take(word)
        i = word.upperBound
      } else if lexer.bytes[i] == 0x22 {
        if let open = string() { return open }
      } else if let comment = punctuation() {
        return comment
      }
    }
    return CompletionContext(subject, lexer.end..<lexer.end, of: lexer)
  }

  private var inParentheses: Bool { open.last?.bracket == 0x28 || open.last?.bracket == 0x5B }

  /// What can stand at the end, where nothing of it is typed yet.
  var subject: Subject {
    switch mode {
    case .start: return .verb
    case .bound: return .maker
    case .expression: return .expression
    case .nothing, .naming: return .nothing
    case .command(let command): return command.subject
    }
  }

  // MARK: The parts of a text

  /// `?topic`: passed over, or the answer if the cursor stands in it.
  private mutating func help() -> CompletionContext? {
    var start = i
    while lexer.byte(start) == 0x3F || lexer.space(at: start) > 0 { start += max(1, lexer.space(at: start)) }
    start = min(start, lexer.end)
    i = start
    while i < lexer.end, ![0x3B, 0x23, 0x7D, 0x0A].contains(lexer.bytes[i]) { i += 1 }
    mode = .nothing
    return i == lexer.end ? CompletionContext(.help, start..<i, of: lexer) : nil
  }

  /// A text in quotes: passed over, or the answer if it is still open.
  private mutating func string() -> CompletionContext? {
    let start = i + 1
    var j = start
    while j < lexer.end, lexer.bytes[j] != 0x22, inParentheses || lexer.bytes[j] != 0x0A {
      j += lexer.bytes[j] == 0x5C ? 2 : 1
    }
    if j >= lexer.end {
      if case .command(let command) = mode {
        return .init(command.subject, start..<lexer.end, of: lexer, quoted: true)
      }
      return .init(.nothing, start..<lexer.end, of: lexer, quoted: true)
    }
    i = lexer.bytes[j] == 0x22 ? j + 1 : j
    value(lexer.text(start..<j))
    return nil
  }

  /// Line ends, comments, brackets, `;`, `,`, `=`; an answer only within a comment.
  private mutating func punctuation() -> CompletionContext? {
    let b = lexer.bytes[i]
    i += 1
    switch b {
    case 0x0A: if !inParentheses { mode = .start }
    case 0x23:
      while i < lexer.end, lexer.bytes[i] != 0x0A { i += 1 }
      if i == lexer.end { return .init(.nothing, i..<i, of: lexer) }
    case 0x3B:
      while inParentheses { open.removeLast() }
      mode = .start
    case 0x28, 0x5B, 0x7B: opening(b)
    case 0x29, 0x5D: if inParentheses { closing() }
    case 0x7D:
      while inParentheses { open.removeLast() }
      _ = open.popLast()
      mode = .nothing
    case 0x2C:
      if case .command(var command) = mode {
        command.comma()
        mode = .command(command)
      }
    case 0x3D: equals()
    default: break
    }
    return nil
  }

  private mutating func opening(_ b: UInt8) {
    let before = i >= 2 ? lexer.bytes[i - 2] : 0x20
    let adjacent = Lexer.isWordByte(before) || before == 0x29 || before == 0x5D
    open.append((b, mode, adjacent))
    switch b {
    case 0x7B: mode = .start
    case 0x28: mode = .expression
    default:
      if adjacent {
        mode = .nothing
      } else if case .command(var command) = mode {
        command.bracketed = true
        mode = .command(command)
      } else {
        mode = .expression
      }
    }
  }

  private mutating func closing() {
    guard let last = open.popLast() else { return }
    mode = last.mode
    if case .start = mode { mode = .expression }
    if !last.adjacent { value("(…)") }
  }

  /// `=`: an option's value follows, or what a name is bound to; `==` and `<=` are operators.
  private mutating func equals() {
    if lexer.byte(i) == 0x3D {
      i += 1
      return
    }
    switch mode {
    case .naming("let", _): mode = .bound
    case .naming(let keyword, let name):
      var command = PartialCommand(verb: keyword)
      command.option = name
      command.wantsValue = true
      mode = .command(command)
    case .command(var command):
      command.equals()
      mode = .command(command)
    case .expression: if i < 2 || ![0x3C, 0x3E, 0x21].contains(lexer.bytes[i - 2]) { mode = .nothing }
    default: break
    }
  }

  /// A value that is no bare word.
  private mutating func value(_ text: String) {
    switch mode {
    case .command(var command):
      command.word(text, bare: false)
      mode = .command(command)
    case .start, .bound: mode = .expression
    default: break
    }
  }

  /// A whole word before the cursor.
  private mutating func take(_ word: Range<Int>) {
    let text = lexer.text(word)
    switch mode {
    case .start: begin(text, calls: lexer.byte(word.upperBound) == 0x28)
    case .bound:
      let makes = words.makers.contains(text) && lexer.byte(word.upperBound) != 0x28
      mode = makes ? .command(PartialCommand(verb: text)) : .expression
    case .naming(let keyword, _): mode = .naming(keyword: keyword, name: text)
    case .command(var command):
      command.word(text, bare: true)
      mode = .command(command)
    case .expression, .nothing: break
    }
  }

  /// The first word of a statement.
  private mutating func begin(_ text: String, calls: Bool) {
    switch text {
    case "let", "sweep": mode = .naming(keyword: text, name: nil)
    case "repeat": mode = .nothing
    case "until": mode = .expression
    default:
      mode = .expression
      if !calls, case .command(let verb) = words.meaning(of: text) {
        mode = .command(PartialCommand(verb: verb))
      }
    }
  }
}
