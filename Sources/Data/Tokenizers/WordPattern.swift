/// GPT-2's cut of a text into words, before any merging:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// Read over scalars by hand, so that no library of regular expressions is needed.
struct WordPattern: Sendable, Equatable {
  /// Whether each digit is cut off by itself first, as SmolLM and others do.
  var digitsApart = false

  private enum Kind { case letter, number, space, white, other }

  /// The words of a text as ranges of its UTF-8 bytes, in order and without gaps.
  func words(in text: String) -> [Range<Int>] {
    var kinds: [Kind] = []
    var starts: [Int] = []
    kinds.reserveCapacity(text.utf8.count)
    starts.reserveCapacity(text.utf8.count + 1)
    var at = 0
    var letters: [Unicode.Scalar] = []
    letters.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      kinds.append(WordPattern.kind(scalar))
      starts.append(at)
      letters.append(scalar)
      at += UTF8.width(scalar)
    }
    starts.append(at)
    var words: [Range<Int>] = []
    for part in segments(kinds) {
      var i = part.lowerBound
      while i < part.upperBound {
        let end = WordPattern.end(from: i, to: part.upperBound, kinds, letters)
        words.append(starts[i]..<starts[end])
        i = end
      }
    }
    return words
  }

  /// The whole text, or the pieces between and around single digits.
  private func segments(_ kinds: [Kind]) -> [Range<Int>] {
    guard digitsApart else { return [0..<kinds.count] }
    var parts: [Range<Int>] = []
    var start = 0
    for i in kinds.indices where kinds[i] == .number {
      if start < i { parts.append(start..<i) }
      parts.append(i..<i + 1)
      start = i + 1
    }
    if start < kinds.count { parts.append(start..<kinds.count) }
    return parts
  }

  /// Where the word that begins at `i` ends.
  private static func end(from i: Int, to limit: Int, _ kinds: [Kind], _ letters: [Unicode.Scalar]) -> Int {
    if letters[i] == "'", let length = contraction(at: i + 1, to: limit, letters) { return i + 1 + length }
    // An optional space, then a run of one kind.
    let first = kinds[i] == .space ? i + 1 : i
    if first < limit, kinds[first] != .space, kinds[first] != .white {
      var j = first + 1
      while j < limit, kinds[j] == kinds[first] { j += 1 }
      return j
    }
    // White space: all of it at the end of the text; else all but the last, which may belong to the next
    // word.
    var j = i + 1
    while j < limit, kinds[j] == .space || kinds[j] == .white { j += 1 }
    return j == limit || j == i + 1 ? j : j - 1
  }

  /// How long the ending after an apostrophe is: s t m d, re ve ll.
  private static func contraction(at i: Int, to limit: Int, _ letters: [Unicode.Scalar]) -> Int? {
    guard i < limit else { return nil }
    switch letters[i] {
    case "s", "t", "m", "d": return 1
    case "r", "v": return i + 1 < limit && letters[i + 1] == "e" ? 2 : nil
    case "l": return i + 1 < limit && letters[i + 1] == "l" ? 2 : nil
    default: return nil
    }
  }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    switch scalar.value {
    case 0x20: return .space
    case 0x61...0x7A, 0x41...0x5A: return .letter
    case 0x30...0x39: return .number
    case 0x09...0x0D: return .white
    case 0..<0x80: return .other
    default: break
    }
    if scalar.properties.isWhitespace { return .white }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }
}
