import Options

extension Lexer {
  static func isDigit(_ b: UInt8) -> Bool { b >= 0x30 && b <= 0x39 }

  func digitsEnd(from i: Int) -> Int {
    var j = i
    while Lexer.isDigit(bytes[j]) { j += 1 }
    return j
  }

  /// The number without sign that begins at `i`: where it ends, and whether it is written as a whole number.
  /// A point that another point follows belongs to a range.
  func numberEnd(from i: Int) -> (end: Int, whole: Bool)? {
    var j = digitsEnd(from: i), whole = true
    var digits = j - i
    if bytes[j] == 0x2E, byte(j + 1) != 0x2E {
      let fraction = digitsEnd(from: j + 1)
      digits += fraction - j - 1
      guard digits > 0 else { return nil }
      j = fraction
      whole = false
    }
    guard digits > 0 else { return nil }
    if bytes[j] | 0x20 == 0x65 {
      let signed = byte(j + 1) == 0x2B || byte(j + 1) == 0x2D
      let first = min(j + (signed ? 2 : 1), end)
      let last = digitsEnd(from: first)
      if last > first { (j, whole) = (last, false) }
    }
    return (j, whole)
  }

  /// The whole number, with or without a sign, that fills the range; nil if it is something else.
  func integer(in range: Range<Int>) throws(Failure) -> Int? {
    var i = range.lowerBound
    let negative = byte(i) == 0x2D
    if negative || byte(i) == 0x2B { i += 1 }
    guard i < range.upperBound, digitsEnd(from: i) == range.upperBound else { return nil }
    var value = 0
    for b in bytes[i..<range.upperBound] {
      let (tens, wide) = value.multipliedReportingOverflow(by: 10)
      let (next, over) = tens.subtractingReportingOverflow(Int(b) - 0x30)
      if wide || over { throw tooLarge(range) }
      value = next  // kept negative: the least number has no positive counterpart
    }
    if negative { return value }
    guard value != Int.min else { throw tooLarge(range) }
    return -value
  }

  /// The number that fills the range.
  func number(in range: Range<Int>) throws(Failure) -> Double {
    guard let value = Double(text(range)), value.isFinite else { throw tooLarge(range) }
    return value
  }

  func tooLarge(_ range: Range<Int>) -> Failure {
    var figure = text(range)
    if figure.utf8.count > 30 { figure = figure.prefix(12) + "…" }
    return Failure(
      "the number \(figure) is too large.",
      cure: "Whole numbers go up to \(Int.max), others to about 1.8e308.", place: range)
  }

  /// Reads a string from its opening quote past its closing one. It ends on its line unless `lines` says
  /// otherwise.
  mutating func string(lines: Bool) throws(Failure) -> String {
    let open = position
    position += 1
    var pieces: String?
    var start = position
    while true {
      guard !atEnd, lines || current != 0x0A else {
        throw Failure(
          "the text that begins here has no closing quote.", cure: "Put a \" where the text ends.",
          place: open..<open + 1)
      }
      if current == 0x22 { break }
      if current == 0x5C {
        pieces = (pieces ?? "") + text(start..<position)
        pieces?.unicodeScalars.append(try escape())
        start = position
      } else {
        position += 1
      }
    }
    let rest = text(start..<position)
    position += 1
    return pieces.map { $0 + rest } ?? rest
  }

  /// Reads `\n`, `\t`, `\"`, `\\` or `\u{…}`.
  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    let start = position
    let letter = byte(position + 1)
    position += 2
    switch letter {
    case 0x6E: return "\n"
    case 0x74: return "\t"
    case 0x22: return "\""
    case 0x5C: return "\\"
    case 0x75:
      guard byte(position) == 0x7B else { break }
      var value: UInt32 = 0
      var i = position + 1
      while i - position <= 6, let digit = hexadecimal(byte(i)) {
        value = value << 4 | digit
        i += 1
      }
      guard i > position + 1, byte(i) == 0x7D, let scalar = Unicode.Scalar(value) else { break }
      position = i + 1
      return scalar
    default: break
    }
    let length = letter < 0x80 ? 1 : scalar(at: start + 1)?.1 ?? 1
    throw Failure(
      "a backslash in a text cannot stand before this.", cure: "There are \\n \\t \\\" \\\\ and \\u{4f60}.",
      place: start..<min(start + 1 + length, end))
  }

  private func hexadecimal(_ b: UInt8) -> UInt32? {
    switch b {
    case 0x30...0x39: return UInt32(b - 0x30)
    case 0x41...0x46: return UInt32(b - 0x37)
    case 0x61...0x66: return UInt32(b - 0x57)
    default: return nil
    }
  }
}
