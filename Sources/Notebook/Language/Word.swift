import Options

/// What a bare word among arguments means: a number, yes or no, a range, or a text.
enum Word {
  /// The value of the bare word in the range; numbers that are too large are an error.
  static func value(_ lexer: Lexer, _ range: Range<Int>) throws(Failure) -> OptionValue {
    let first = lexer.byte(range.lowerBound)
    switch first {
    case 0x30...0x39, 0x2B, 0x2D, 0x2E:
      if let value = try numeric(lexer, range) { return value }
    case 0x79 where range.count == 3:  // y
      if lexer.bytes[range].elementsEqual("yes".utf8) { return .flag(true) }
    case 0x6E where range.count == 2:  // n
      if lexer.bytes[range].elementsEqual("no".utf8) { return .flag(false) }
    default: break
    }
    return .text(lexer.text(range))
  }

  /// `8`, `-11`, `+2`, `.5`, `1e-3`, `0..3`; nil for anything else.
  private static func numeric(_ lexer: Lexer, _ range: Range<Int>) throws(Failure) -> OptionValue? {
    let start = range.lowerBound
    let signed = lexer.byte(start) == 0x2B || lexer.byte(start) == 0x2D
    guard let (end, whole) = lexer.numberEnd(from: signed ? start + 1 : start) else { return nil }
    if end == range.upperBound {
      if whole { return try lexer.integer(in: range).map(OptionValue.integer) }
      return .number(try lexer.number(in: range))
    }
    guard whole, lexer.byte(end) == 0x2E, lexer.byte(end + 1) == 0x2E else { return nil }
    guard let high = try lexer.integer(in: end + 2..<max(end + 2, range.upperBound)) else { return nil }
    return try lexer.integer(in: start..<end).map { .range($0, high) }
  }

  /// Whether the text, typed bare as an argument, reads as that text.
  static func isPlain(_ text: String) -> Bool {
    let lexer = Lexer(text)
    guard lexer.end > 0, lexer.wordEnd(from: 0) == lexer.end, lexer.byte(lexer.end - 1) != 0x3A else {
      return false
    }
    guard !lexer.bytes.contains(0x5C), lexer.byte(0) != 0x40, !isResult(lexer, 0..<lexer.end) else {
      return false
    }
    guard let value = try? value(lexer, 0..<lexer.end), case .text = value else { return false }
    return true
  }

  /// Whether the word is `%`, `%%` or `%7`.
  static func isResult(_ lexer: Lexer, _ range: Range<Int>) -> Bool {
    var i = range.lowerBound
    while lexer.byte(i) == 0x25 { i += 1 }
    guard i > range.lowerBound else { return false }
    return i == range.upperBound
      || (i == range.lowerBound + 1 && lexer.digitsEnd(from: i) == range.upperBound)
  }
}
