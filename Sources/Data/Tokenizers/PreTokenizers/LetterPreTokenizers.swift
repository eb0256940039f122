import FileSystem
import Options

/// Cuts by the class of each letter.
enum LetterCuts {
  /// What becomes of a letter.
  enum Fate { case kept, removed, alone }

  /// Pieces of letters that are kept; those alone are pieces by themselves.
  static func cut(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ out: inout [Range<Int>],
    _ fate: (UInt32) -> Fate
  ) {
    var start = piece.lowerBound, i = start
    while i < piece.upperBound {
      let (value, length) = UTF8Walk.scalar(bytes, i, piece.upperBound)
      let fate = fate(value)
      if fate != .kept {
        if start < i { out.append(start..<i) }
        if fate == .alone { out.append(i..<i + length) }
        start = i + length
      }
      i += length
    }
    if start < piece.upperBound { out.append(start..<piece.upperBound) }
  }

  /// Parts of a piece by whether their letters match, each matching letter by itself.
  static func parts(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ isMatch: (UInt32) -> Bool
  ) -> [(range: Range<Int>, isMatch: Bool)] {
    var parts: [(range: Range<Int>, isMatch: Bool)] = [], start = piece.lowerBound, i = start
    while i < piece.upperBound {
      let (value, length) = UTF8Walk.scalar(bytes, i, piece.upperBound)
      if isMatch(value) {
        if start < i { parts.append((start..<i, false)) }
        parts.append((i..<i + length, true))
        start = i + length
      }
      i += length
    }
    if start < piece.upperBound { parts.append((start..<piece.upperBound, false)) }
    return parts
  }
}

/// Words between white space.
struct WhitespaceSplit: PreTokenizer {
  static let type = "WhitespaceSplit"
  init(_ part: JSONPlace) {}
  func cut(_ pieces: inout Pieces) {
    pieces.cut { bytes, piece, out in
      LetterCuts.cut(bytes, piece, &out) { LetterClass.isWhite($0) ? .removed : .kept }
    }
  }
}

/// Runs of word characters, and of others that are no white space: `\w+|[^\w\s]+`.
struct WhitespacePreTokenizer: PreTokenizer {
  static let type = "Whitespace"
  init(_ part: JSONPlace) {}
  func cut(_ pieces: inout Pieces) {
    pieces.cut { bytes, piece, out in
      var i = piece.lowerBound, start = i, before = -1
      while i < piece.upperBound {
        let (value, length) = UTF8Walk.scalar(bytes, i, piece.upperBound)
        let kind = LetterClass.isWhite(value) ? 0 : LetterClass.isWord(value) ? 1 : 2
        if kind != before {
          if before > 0 { out.append(start..<i) }
          (start, before) = (i, kind)
        }
        i += length
      }
      if before > 0 { out.append(start..<piece.upperBound) }
    }
  }
}

/// Punctuation, by itself unless said otherwise.
struct PunctuationPreTokenizer: PreTokenizer {
  static let type = "Punctuation"
  private let behavior: SplitBehavior

  init(_ part: JSONPlace) throws {
    let name = part["behavior"].text ?? SplitBehavior.isolated.rawValue
    guard let known = SplitBehavior(rawValue: name) else {
      throw unknown(
        "behavior", name, among: SplitBehavior.allCases.map(\.rawValue), of: part["behavior"].place)
    }
    behavior = known
  }

  func cut(_ pieces: inout Pieces) {
    pieces.cut { bytes, piece, out in
      behavior.join(LetterCuts.parts(bytes, piece, LetterClass.isPunctuation), &out)
    }
  }
}

/// Numbers apart from the rest, together or each digit by itself.
struct DigitsPreTokenizer: PreTokenizer {
  static let type = "Digits"
  private let isSingle: Bool

  init(_ part: JSONPlace) { isSingle = part["individual_digits"].flag ?? false }

  func cut(_ pieces: inout Pieces) {
    pieces.cut { bytes, piece, out in
      if isSingle {
        LetterCuts.cut(bytes, piece, &out) { LetterClass.isNumber($0) ? .alone : .kept }
      } else {
        SplitBehavior.contiguous.join(LetterCuts.parts(bytes, piece, LetterClass.isNumber), &out)
      }
    }
  }
}

/// BERT's: words between white space, punctuation by itself.
struct BertPreTokenizer: PreTokenizer {
  static let type = "BertPreTokenizer"
  init(_ part: JSONPlace) {}
  func cut(_ pieces: inout Pieces) {
    pieces.cut { bytes, piece, out in
      LetterCuts.cut(bytes, piece, &out) {
        LetterClass.isWhite($0) ? .removed : LetterClass.isPunctuation($0) ? .alone : .kept
      }
    }
  }
}

/// Words between one letter.
struct DelimiterPreTokenizer: PreTokenizer {
  static let type = "CharDelimiterSplit"
  private let letter: UInt32

  init(_ part: JSONPlace) throws {
    guard let text = part["delimiter"].text, let only = text.unicodeScalars.first,
      text.unicodeScalars.count == 1
    else { throw part["delimiter"].failure("one letter") }
    letter = only.value
  }

  func cut(_ pieces: inout Pieces) {
    pieces.cut { bytes, piece, out in LetterCuts.cut(bytes, piece, &out) { $0 == letter ? .removed : .kept } }
  }
}
