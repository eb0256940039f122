import FileSystem

/// BERT's cleaning: control characters out, white space as spaces, CJK characters apart, accents off, lower case.
struct BertNormalizer: Normalizer {
  static let type = "BertNormalizer"
  private let cleans, parts, strips, lowers: Bool

  init(_ part: JSONPlace) throws {
    cleans = part["clean_text"].flag ?? true
    parts = part["handle_chinese_chars"].flag ?? true
    lowers = part["lowercase"].flag ?? true
    strips = part["strip_accents"].flag ?? lowers
  }

  func normalize(_ text: [UInt8]) -> [UInt8] {
    if text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      return lowers ? text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } : text
    }
    var text = UTF8Walk.map(text) { value, out in
      if cleans {
        if value == 0 || value == 0xFFFD || LetterClass.isBertControl(value) { return }
        if LetterClass.isWhite(value) { return out.append(0x20) }
      }
      guard parts, Self.isIdeograph(value) else { return UTF8Walk.append(value, to: &out) }
      out.append(0x20)
      UTF8Walk.append(value, to: &out)
      out.append(0x20)
    }
    if strips {
      text = UTF8Walk.map(NormalForm.canonicalDecomposed.of(text)) { value, out in
        if !LetterClass.isNonspacingMark(value) { UTF8Walk.append(value, to: &out) }
      }
    }
    return lowers ? LowercaseNormalizer.lower(text) : text
  }

  private static func isIdeograph(_ value: UInt32) -> Bool {
    switch value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      return true
    default: return false
    }
  }
}
