/// How many terminal columns a text takes: 2 for full-width characters and emoji, 0 for combining marks,
/// and control characters as they are shown (`\n`, `\u{1b}`).
public func columns(of text: String) -> Int {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text.utf8.count }
  return visible(text).reduce(0) { $0 + columns(of: $1) }
}

/// The text with what could steer a terminal written out: control characters as `\n`, `\t`, `\u{1b}`,
/// and likewise line separators and marks that turn the direction of writing.
public func visible(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: steers) else { return text }
  var out = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": out += "\\n"
    case "\t": out += "\\t"
    case "\r": out += "\\r"
    case _ where steers(scalar): out += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out
}

/// Whether a scalar does something to a terminal rather than being seen.
private func steers(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7f..<0xa0: return true
  case 0x2028...0x202e, 0x2066...0x2069: return true
  default: return false
  }
}

/// Columns of one character: emoji sequences count as one picture, all else as the sum of its scalars.
func columns(of character: Character) -> Int {
  let scalars = character.unicodeScalars
  guard let first = scalars.first else { return 0 }
  if scalars.index(after: scalars.startIndex) == scalars.endIndex { return columns(of: first) }
  let picture =
    first.properties.isEmoji
    && scalars.dropFirst().contains {
      $0.value == 0xfe0f || $0.value == 0x200d || $0.properties.isEmojiModifier
    }
  return picture ? 2 : scalars.reduce(0) { $0 + columns(of: $1) }
}

/// Columns of one scalar.
func columns(of scalar: Unicode.Scalar) -> Int {
  let value = scalar.value
  if value < 0x300 { return 1 }
  if 0x1f1e6...0x1f1ff ~= value { return 1 }  // half of a flag
  // Vowels and finals join their Hangul syllable.
  if 0x1160...0x11ff ~= value || 0xd7b0...0xd7ff ~= value { return 0 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: return isWide(value) || scalar.properties.isEmojiPresentation ? 2 : 1
  }
}

/// East Asian Wide and Fullwidth, by block; emoji are asked by their property instead.
private func isWide(_ value: UInt32) -> Bool {
  switch value {
  case 0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0xa4cf: return true
  case 0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6b: return true
  case 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18d08, 0x1aff0...0x1b2fb: return true
  case 0x1f200...0x1f265, 0x20000...0x2fffd, 0x30000...0x3fffd: return true
  default: return false
  }
}

/// At which side of its column a text stands.
public enum Alignment: String, Sendable { case left, right }

extension String {
  /// The text with spaces up to a number of columns; longer text stays as it is.
  public func padded(to width: Int, _ alignment: Alignment = .left) -> String {
    let space = String(repeating: " ", count: max(0, width - Events.columns(of: self)))
    return alignment == .left ? self + space : space + self
  }

  /// The text cut to a number of columns, with `…` at the end where something is missing.
  public func truncated(to width: Int) -> String {
    StyledText(self).truncated(to: width).plain
  }
}
