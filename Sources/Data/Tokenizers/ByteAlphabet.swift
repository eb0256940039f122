/// GPT-2's way to write any byte as one printable letter, so that a vocabulary of bytes can stand in a text
/// file.
///
/// Bytes that are printable in Latin-1 stand for themselves; the other 68 take the letters from U+0100 on, in
/// order: a space is `Ġ` (U+0120), a line end `Ċ` (U+010A).
enum ByteAlphabet {
  /// The letter of each byte.
  static let letters: [Unicode.Scalar] = {
    var spare: UInt32 = 0x100
    return (0...255).map { byte in
      if isPrintable(byte) { return Unicode.Scalar(UInt8(byte)) }
      defer { spare += 1 }
      return Unicode.Scalar(spare) ?? "?"
    }
  }()

  /// The byte of each letter.
  static let bytes: [Unicode.Scalar: UInt8] = {
    var map: [Unicode.Scalar: UInt8] = [:]
    for (byte, letter) in letters.enumerated() { map[letter] = UInt8(byte) }
    return map
  }()

  /// The bytes in the order of their letters' code points: the order in which vocabularies list them.
  static let order: [UInt8] = (0...255).map { UInt8($0) }.sorted { letters[Int($0)] < letters[Int($1)] }

  /// The letters of bytes.
  static func text(_ bytes: [UInt8]) -> String {
    var out = String.UnicodeScalarView()
    for byte in bytes { out.append(letters[Int(byte)]) }
    return String(out)
  }

  /// The letters' own UTF-8 of bytes.
  static func spelled(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(2 * bytes.count)
    for byte in bytes { UTF8Walk.append(letters[Int(byte)].value, to: &out) }
    return out
  }

  /// The bytes that a token's letters stand for; nil where a letter stands for none.
  static func bytesOrNil(of token: String) -> [UInt8]? {
    var out: [UInt8] = []
    for letter in token.unicodeScalars {
      guard let byte = bytes[letter] else { return nil }
      out.append(byte)
    }
    return out
  }

  /// The bytes that a token's letters stand for; a token with other letters stands for its own UTF-8.
  static func bytes(of token: String) -> [UInt8] {
    var out: [UInt8] = []
    for letter in token.unicodeScalars {
      guard let byte = bytes[letter] else { return Array(token.utf8) }
      out.append(byte)
    }
    return out
  }

  private static func isPrintable(_ byte: Int) -> Bool {
    (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
  }
}
