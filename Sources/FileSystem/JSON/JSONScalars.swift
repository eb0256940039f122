import Options

// Texts and numbers: where a parser spends its time.
extension JSONParser {
  /// The text whose opening quote is here.
  mutating func string() throws -> String {
    at += 1
    let start = at
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return text(start..<at - 1)
      }
      if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
      if byte < 0x20 { throw wrong("a control character must be written as \\u00xx") }
      at += 1
    }
    throw wrong("the text that begins here is not closed", at: start - 1)
  }

  private mutating func stringWithEscapes(from start: Int) throws -> String {
    var units = Array(bytes[start..<at])
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return String(decoding: units, as: UTF8.self)
      }
      if byte < 0x20 { throw wrong("a control character must be written as \\u00xx") }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &units)
      } else {
        units.append(byte)
        at += 1
      }
    }
    throw wrong("the text that begins here is not closed", at: start - 1)
  }

  private mutating func escape(into units: inout [UInt8]) throws {
    guard at + 1 < bytes.count else { throw wrong("the document ends within an escape") }
    switch bytes[at + 1] {
    case UInt8(ascii: "\""): units.append(UInt8(ascii: "\""))
    case UInt8(ascii: "\\"): units.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "/"): units.append(UInt8(ascii: "/"))
    case UInt8(ascii: "b"): units.append(0x08)
    case UInt8(ascii: "f"): units.append(0x0c)
    case UInt8(ascii: "n"): units.append(0x0a)
    case UInt8(ascii: "r"): units.append(0x0d)
    case UInt8(ascii: "t"): units.append(0x09)
    case UInt8(ascii: "u"): return try unicodeEscape(into: &units)
    default: throw wrong("there is no such escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
    }
    at += 2
  }

  private mutating func unicodeEscape(into units: inout [UInt8]) throws {
    let place = at
    var code = try fourHexDigits()
    if (0xd800...0xdbff).contains(code) {  // the first half of a pair
      guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
        throw wrong("half of a surrogate pair stands alone", at: place)
      }
      let low = try fourHexDigits()
      guard (0xdc00...0xdfff).contains(low) else {
        throw wrong("half of a surrogate pair stands alone", at: place)
      }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw wrong("half of a surrogate pair stands alone", at: place)
    }
    units.append(contentsOf: String(Character(scalar)).utf8)
  }

  /// The number after `\u`; moves behind it.
  private mutating func fourHexDigits() throws -> UInt32 {
    guard at + 6 <= bytes.count else { throw wrong("four hexadecimal digits should follow \\u") }
    var code: UInt32 = 0
    for byte in bytes[at + 2..<at + 6] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw wrong("four hexadecimal digits should follow \\u")
      }
      code = code << 4 | UInt32(digit)
    }
    at += 6
    return code
  }

  /// The number that begins here: whole where it has no fraction and no exponent and fits 64 bits.
  mutating func number() throws -> JSON {
    let start = at
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    let whole = digits()
    if whole == 0 { throw wrong("a digit should be here, not \(here)") }
    if whole > 1, bytes[at - whole] == UInt8(ascii: "0") {
      throw wrong("a number may not begin with 0", at: start)
    }
    var isWhole = true
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      isWhole = false
      at += 1
      if digits() == 0 { throw wrong("a digit should follow the point, not \(here)") }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      if digits() == 0 { throw wrong("a digit should be in the exponent, not \(here)") }
    }
    if isWhole, let n = integer(start..<at) { return .integer(n) }
    guard let x = Double(text(start..<at)), x.isFinite else {
      throw wrong("the number is too large", at: start)
    }
    return .number(x)
  }

  /// Skips digits and counts them.
  private mutating func digits() -> Int {
    let start = at
    while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
    return at - start
  }

  private func integer(_ range: Range<Int>) -> Int? {
    let negative = bytes[range.lowerBound] == UInt8(ascii: "-")
    var n = 0
    for byte in bytes[(negative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound] {
      let (tens, over) = n.multipliedReportingOverflow(by: 10)
      let digit = Int(byte - 0x30)
      let (sum, over2) =
        negative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      if over || over2 { return nil }
      n = sum
    }
    return n
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
  }

  private func wrong(_ what: String, at place: Int) -> Failure {
    var copy = self
    copy.at = place
    return copy.wrong(what)
  }
}
