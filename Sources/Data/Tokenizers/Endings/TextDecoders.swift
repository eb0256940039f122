import FileSystem
import Options

/// BERT's: pieces joined, words parted by spaces, and spaces before punctuation taken out.
struct WordPieceDecoder: Decoder {
  static let type = "WordPiece"
  private let prefix: [UInt8]
  private let cleans: Bool

  init(_ part: JSONPlace) throws {
    prefix = Array((part["prefix"].text ?? "##").utf8)
    cleans = part["cleanup"].flag ?? true
  }

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.enumerated().map { i, token in
      var token = token
      if i > 0 {
        if token.starts(with: prefix) { token.removeFirst(prefix.count) } else { token.insert(0x20, at: 0) }
      }
      return cleans ? Self.cleaned(token) : token
    }
  }

  private static let replacements: [([UInt8], [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  private static func cleaned(_ token: [UInt8]) -> [UInt8] {
    replacements.reduce(token) { $1.0.count > $0.count ? $0 : ReplaceDecoder.replaced($0, $1.0, $1.1) }
  }
}

/// `▁` back to spaces; none at the beginning where one was put before the text.
struct MetaspaceDecoder: Decoder {
  static let type = "Metaspace"
  private let fields: MetaspaceFields

  init(_ part: JSONPlace) throws { fields = try MetaspaceFields(part) }

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.enumerated().map { i, token in
      ReplaceDecoder.replaced(token, fields.mark, i == 0 && fields.scheme != .never ? [] : [0x20])
    }
  }
}

/// Letters off the ends of each token.
struct StripDecoder: Decoder {
  static let type = "Strip"
  private let letter: [UInt8]
  private let start, stop: Int

  init(_ part: JSONPlace) throws {
    guard let text = part["content"].text, text.unicodeScalars.count == 1 else {
      throw part["content"].failure("one letter")
    }
    guard let start = part["start"].integer, let stop = part["stop"].integer, start >= 0, stop >= 0 else {
      throw part["start"].failure("a whole number, and stop another")
    }
    letter = Array(text.utf8)
    (self.start, self.stop) = (start, stop)
  }

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.map { token in
      var part = token[...], count = 0
      while count < start, part.starts(with: letter) {
        (part, count) = (part.dropFirst(letter.count), count + 1)
      }
      count = 0
      while count < stop, part.suffix(letter.count).elementsEqual(letter) {
        (part, count) = (part.dropLast(letter.count), count + 1)
      }
      return Array(part)
    }
  }
}

/// Matches in each token replaced by a text.
struct ReplaceDecoder: Decoder {
  static let type = "Replace"
  private let step: ReplaceNormalizer

  init(_ part: JSONPlace) throws { step = try ReplaceNormalizer(part) }

  func decode(_ tokens: [[UInt8]]) throws -> [[UInt8]] { try tokens.map(step.normalize) }

  /// A text with each of a part replaced by another.
  static func replaced(_ text: [UInt8], _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
    guard let first = old.first, text.contains(first) else { return text }
    var out: [UInt8] = [], i = 0
    while i < text.count {
      if text[i] == first, text[i...].starts(with: old) {
        out += new
        i += old.count
      } else {
        out.append(text[i])
        i += 1
      }
    }
    return out
  }
}

/// The ending of a word's last piece as a space, but for the last word.
struct SuffixDecoder: Decoder {
  static let type = "BPEDecoder"
  private let suffix: [UInt8]

  init(_ part: JSONPlace) { suffix = Array((part["suffix"].text ?? "</w>").utf8) }

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.enumerated().map { i, token in
      ReplaceDecoder.replaced(token, suffix, i + 1 == tokens.count ? [] : [0x20])
    }
  }
}
