/// Classes of scalars, as Hugging Face's library draws them: by tables of Unicode 8 (marks: 9), and so without what
/// came later.
enum LetterClass {
  /// The category of a scalar that was there in a version of Unicode.
  private static func category(_ value: UInt32, upTo version: Int) -> Unicode.GeneralCategory? {
    guard let properties = Unicode.Scalar(value)?.properties else { return nil }
    let category = properties.generalCategory
    switch category {
    // Asking for the age is slow, and of these nobody asks.
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .unassigned:
      return category
    default: return properties.age?.major ?? 99 <= version ? category : nil
    }
  }

  /// White space, as Unicode's property has it.
  static func isWhite(_ value: UInt32) -> Bool {
    if value < 0x80 { return value == 0x20 || (0x09...0x0D).contains(value) }
    return Unicode.Scalar(value)?.properties.isWhitespace ?? false
  }

  /// Control, format and private-use characters, but for tab and line ends.
  static func isBertControl(_ value: UInt32) -> Bool {
    if value < 0x80 {
      return value < 0x20 && value != 0 && value != 9 && value != 10 && value != 13 || value == 0x7F
    }
    if (0xE000...0xF8FF).contains(value) || value >= 0xF0000 { return value & 0xFFFE != 0xFFFE }
    switch category(value, upTo: 8) {
    case .control, .format, .privateUse, .surrogate: return true
    default: return false
    }
  }

  /// An accent that takes no place of its own.
  static func isNonspacingMark(_ value: UInt32) -> Bool {
    if value < 0x300 || [0x1885, 0x1886, 0xA9BD, 0x111C9].contains(value) { return false }
    // What these are has changed since.
    return value == 0x1734 || value == 0x1171E || category(value, upTo: 8) == .nonspacingMark
  }

  /// A mark of any kind.
  static func isMark(_ value: UInt32) -> Bool {
    guard value >= 0x300, value != 0x111C9 else { return false }
    if value == 0x1CF2 || value == 0x1CF3 { return true }
    switch category(value, upTo: 9) {
    case .nonspacingMark, .spacingMark, .enclosingMark: return true
    default: return false
    }
  }

  /// Punctuation, and every printable ASCII character that is neither letter, digit nor space.
  static func isPunctuation(_ value: UInt32) -> Bool {
    if value < 0x80 {
      return (0x21...0x2F).contains(value) || (0x3A...0x40).contains(value) || (0x5B...0x60).contains(value)
        || (0x7B...0x7E).contains(value)
    }
    if value == 0x166D || value == 0x111C9 { return true }
    switch category(value, upTo: 8) {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }

  /// A letter, mark, digit or connector of words.
  static func isWord(_ value: UInt32) -> Bool {
    if value < 0x80 {
      return (0x61...0x7A).contains(value) || (0x41...0x5A).contains(value) || (0x30...0x39).contains(value)
        || value == 0x5F
    }
    return value == 0x200C || value == 0x200D || ScalarSet.word(value)
  }

  /// A number of any kind.
  static func isNumber(_ value: UInt32) -> Bool {
    if value < 0x80 { return (0x30...0x39).contains(value) }
    switch Unicode.Scalar(value)?.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return false
    }
  }
}
