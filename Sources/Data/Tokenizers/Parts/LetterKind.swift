/// What a scalar is to the patterns that cut words.
enum LetterKind: UInt8 {
  case letter, number, space, newline, white, other

  /// The kind of a scalar.
  @inline(__always)
  static func of(_ value: UInt32) -> LetterKind {
    if value < 0x80 { return ascii[Int(value)] }
    switch value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xAC00...0xD7A3, 0x3041...0x3096, 0x30A1...0x30FA: return .letter
    case 0xC0...0x24F: return value == 0xD7 || value == 0xF7 ? .other : .letter
    case 0x410...0x481: return .letter
    default: return slow(value)
    }
  }

  private static let ascii: [LetterKind] = (0..<128).map { value in
    switch value {
    case 0x41...0x5A, 0x61...0x7A: return .letter
    case 0x30...0x39: return .number
    case 0x20: return .space
    case 0x0A, 0x0D: return .newline
    case 0x09, 0x0B, 0x0C: return .white
    default: return .other
    }
  }

  @inline(never)
  private static func slow(_ value: UInt32) -> LetterKind {
    guard let scalar = Unicode.Scalar(value) else { return .other }
    if scalar.properties.isWhitespace { return .white }
    guard ScalarSet.isKnown(value) else { return .other }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }
}
