import FileSystem

/// Every letter in lower case, each by itself.
struct LowercaseNormalizer: Normalizer {
  static let type = "Lowercase"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] { Self.lower(text) }

  /// The text in lower case.
  static func lower(_ text: [UInt8]) -> [UInt8] {
    UTF8Walk.map(text) { value, out in
      if value < 0x80 {
        return out.append((0x41...0x5A).contains(value) ? UInt8(value) | 0x20 : UInt8(value))
      }
      if (0x3041...0xA63F).contains(value) || (0xAC00...0xD7A3).contains(value) {
        return UTF8Walk.append(value, to: &out)
      }
      guard let scalar = Unicode.Scalar(value) else { return }
      out += scalar.properties.lowercaseMapping.utf8
    }
  }
}

/// Marks of all kinds out.
struct StripAccents: Normalizer {
  static let type = "StripAccents"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] {
    UTF8Walk.map(text) { value, out in if !LetterClass.isMark(value) { UTF8Walk.append(value, to: &out) } }
  }
}

/// SentencePiece's cleaning for translation models: control characters out, all kinds of space as spaces.
struct NmtNormalizer: Normalizer {
  static let type = "Nmt"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] {
    UTF8Walk.map(text) { value, out in
      switch value {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: return
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        out.append(0x20)
      default: UTF8Walk.append(value, to: &out)
      }
    }
  }
}
