import Options

// What the parser says: what is wrong, where, and what to type.

extension Parser {
  /// The word at the position, or the one character there.
  var currentWord: Range<Int> {
    let start = lexer.position
    let end = lexer.wordEnd(from: start)
    if end > start { return start..<end }
    return start..<min(lexer.end, start + (lexer.scalar(at: start)?.1 ?? 1))
  }

  /// A bracket that nothing closes.
  func unclosed(_ open: Int) -> Failure {
    let closing = lexer.byte(open) == 0x7B ? "}" : lexer.byte(open) == 0x5B ? "]" : ")"
    return Failure(
      "the “\(lexer.text(open..<open + 1))” that stands here is not closed.",
      cure: "Put a “\(closing)” where it ends.",
      place: open..<open + 1)
  }

  /// Something that cannot stand where it stands; `context` ends the sentence, `cure` is for ordinary words.
  func unexpected(_ context: String, cure: String? = nil) -> Failure {
    var ahead = self
    ahead.skipBlanks()
    return ahead.stray(
      context, cure ?? "Put an operator there, “;” between two statements, or a text in quotes.")
  }

  /// Something that is neither the next value nor the end of what is in the bracket opened at `open`.
  func unexpected(in open: Int) -> Failure {
    let opening = lexer.byte(open), closing: UInt8 = opening == 0x5B ? 0x5D : 0x29
    let mark = String(Unicode.Scalar(closing))
    if lexer.current == 0x29 || lexer.current == 0x5D || lexer.current == 0x7D {
      return Failure(
        "the “\(Unicode.Scalar(opening))” is not closed before this.", cure: "Put a “\(mark)” before it.",
        place: lexer.position..<lexer.position + 1)
    }
    return unexpected("here", cure: "An operator, a comma or a “\(mark)” is missing.")
  }

  private func stray(_ context: String, _ ordinary: String) -> Failure {
    let character = lexer.scalar(at: lexer.position)
    let one = lexer.position..<min(lexer.end, lexer.position + (character?.1 ?? 0))
    guard let (scalar, _) = character else {
      let last = max(0, lexer.end - 1)
      return Failure(
        "the text ends too early.", cure: "Something is missing at its end.", place: last..<lexer.end)
    }
    if scalar == "\n" {
      return Failure("the line ends too early.", cure: "Something is missing at its end.", place: one)
    }
    if scalar.value < 0x20 || scalar.value == 0x7F {
      let code = String(scalar.value, radix: 16, uppercase: true)
      return Failure(
        "the control character \(code) (hexadecimal) cannot stand here.", cure: "Type the line anew.",
        place: one)
    }
    if let (length, cure) = meant() {
      let place = one.lowerBound..<min(lexer.end, one.lowerBound + length)
      return Failure("“\(lexer.text(place))” cannot stand \(context).", cure: cure, place: place)
    }
    let word = currentWord
    return Failure(
      "“\(lexer.text(word))” cannot stand \(context).", cure: cure(for: scalar) ?? ordinary, place: word)
  }

  /// What to do about a character that is part of the language, but not here.
  private func cure(for scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case ")", "]", "}": return "No bracket is open for it: leave it out."
    case "{": return "A block follows repeat, sweep or until."
    case ";": return "A statement stands before each “;”."
    case ",": return "A value stands before and after each comma."
    case "(", "[": return "Leave out the blank before it, or put a comma or an operator there."
    case "\\": return "A backslash continues a line only as its last character."
    case "*", "/", "^", "<", ">": return "A value stands on both sides of an operator."
    default: return nil
    }
  }

  /// Signs of other languages, or of input methods, that have another spelling here: their length and what
  /// to type.
  private func meant() -> (Int, String)? {
    let two = lexer.position..<min(lexer.position + 2, lexer.end)
    switch lexer.text(two) {
    case "&&": return (2, "Write “and”.")
    case "||": return (2, "Write “or”.")
    case "**": return (2, "Powers are written with ^: x^2")
    default: break
    }
    guard let (scalar, length) = lexer.scalar(at: lexer.position) else { return nil }
    switch scalar {
    case "=": return (1, "Two compare: ==. A name is bound so: let x = 3")
    case "!": return (1, "Write “not”.")
    case "&": return (1, "Write “and”.")
    case "|": return (1, "Write “or”.")
    case "'", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}":
      return (length, "Texts stand in straight double quotes: \"…\"")
    case "\u{2212}", "\u{2013}", "\u{2014}": return (length, "Type “-”.")
    case "\u{D7}", "\u{B7}": return (length, "Type “*”.")
    case "\u{F7}": return (length, "Type “/”.")
    case "\u{2264}": return (length, "Type “<=”.")
    case "\u{2265}": return (length, "Type “>=”.")
    case "\u{2260}": return (length, "Type “!=”.")
    case "\u{FF01}"..."\u{FF5E}":
      let narrow = Unicode.Scalar(scalar.value - 0xFEE0).map { String(Character($0)) } ?? ""
      return (length, "This is a full-width character: type “\(narrow)”.")
    default: return nil
    }
  }

  /// An operand that is not there; `place` is what it would follow.
  func missingExpression(after place: Range<Int>?) -> Failure {
    let ends = endsValue || lexer.letter(at: lexer.position, first: true) > 0
    guard let place, ends else { return unexpected("here") }
    return Failure(
      "an expression is missing after “\(lexer.text(place))”.", cure: "Such as a number, a name or loss().",
      place: place)
  }

  /// Whether something stands here before which a value may be missing.
  private var endsValue: Bool { atStatementEnd || [0x29, 0x5D, 0x2C, 0x7B].contains(lexer.current) }

  /// A value of an argument that is not there; `place` is what it would follow.
  func missingValue(after place: Range<Int>?) -> Failure {
    guard let place, endsValue else { return unexpected(place == nil ? "here" : "as a value") }
    return Failure(
      "a value is missing after “\(lexer.text(place))”.", cure: "A number, a word, or a text in quotes.",
      place: place)
  }

  /// The error for `x = 3`, if that is what follows the word.
  func assignment(_ word: Range<Int>) -> Failure? {
    var ahead = lexer
    ahead.position = word.upperBound
    ahead.skipBlanks()
    guard ahead.current == 0x3D, ahead.byte(ahead.position + 1) != 0x3D else { return nil }
    return Failure(
      "a name is bound with “let”.", cure: "Write: let \(lexer.text(word)) = …",
      place: word.lowerBound..<ahead.position + 1)
  }

  /// The error for a first word that is neither command nor expression.
  func unknownFirst(_ word: Range<Int>, maker: Bool) -> Failure {
    let text = lexer.text(word)
    guard maker else { return words.noCommand(text, at: word) }
    if words.verbs.contains(text) {
      return Failure(
        "“\(text)” makes nothing that could have a name.",
        cure: "After let NAME = stands an expression or a maker.",
        details: makers, place: word)
    }
    let near = words.suggestion(for: text, among: words.makers)
    let cure = near.map { "Did you mean “\($0)”?" } ?? "After let NAME = stands an expression or a maker."
    return Failure("nothing makes “\(text)”.", cure: cure, details: makers, place: word)
  }

  private var makers: [String] { words.makers.isEmpty ? [] : wrapped(words.makers, prefix: "there are: ") }
}
