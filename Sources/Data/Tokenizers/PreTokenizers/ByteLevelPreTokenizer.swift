import FileSystem

/// GPT-2's: words by its pattern, then every byte as a letter.
struct ByteLevelPreTokenizer: PreTokenizer {
  static let type = "ByteLevel"
  private let addsSpace, usesPattern: Bool
  private var spells = true

  init(_ part: JSONPlace) throws {
    addsSpace = part["add_prefix_space"].flag ?? true
    usesPattern = part["use_regex"].flag ?? true
  }

  var endsInLetters: Bool { spells }
  var withoutLetters: any PreTokenizer {
    var copy = self
    copy.spells = false
    return copy
  }

  func cut(_ pieces: inout Pieces) {
    if addsSpace, pieces.cuts.contains(where: { pieces.bytes[$0.lowerBound] != 0x20 }) {
      pieces.rewrite { piece, _, out in
        if piece.first != 0x20 { out.append(0x20) }
        out += piece
      }
    }
    if usesPattern { pieces.cut { bytes, piece, out in WordRule.gpt2.cut(bytes, piece, &out) } }
    if spells { pieces.rewrite { piece, _, out in out += ByteAlphabet.spelled(piece) } }
  }
}
