import FileSystem
import Options

/// BERT's: the longest token that begins the word, then the longest that goes on (`##ing`); else unknown.
struct WordPieceModel: TokenModel {
  static let type = "WordPiece"
  let vocabulary: TokenVocabulary
  private let prefix: [UInt8]
  private let unknown: Int32
  private let longest: Int
  private let longestToken: Int

  init(_ part: JSONPlace, isByteLevel: Bool) throws {
    if isByteLevel { throw TokenizerPart.unsupported(part["type"], "not together with ByteLevel") }
    vocabulary = try TokenVocabulary(part["vocab"])
    prefix = Array((part["continuing_subword_prefix"].text ?? "##").utf8)
    longest = part["max_input_chars_per_word"].integer ?? 100
    longestToken = vocabulary.tokens.reduce(1) { max($0, $1?.utf8.count ?? 0) }
    let token = part["unk_token"].text ?? "[UNK]"
    guard let id = vocabulary.id(of: token) else {
      throw Failure("\(part["unk_token"].place): “\(token)” is not in model.vocab.")
    }
    unknown = id
  }

  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ work: inout EncodingWork, _ out: inout [Int32]
  ) {
    let letters = piece.reduce(0) { $0 + (bytes[$1] & 0xC0 == 0x80 ? 0 : 1) }
    guard letters <= longest else { return out.append(unknown) }
    let began = out.count
    var start = piece.lowerBound
    var word = prefix
    while start < piece.upperBound {
      let head = start > piece.lowerBound ? prefix.count : 0
      word.removeLast(word.count - prefix.count)
      // No token is longer than the longest, so no longer part is looked for.
      var end = min(piece.upperBound, start + longestToken)
      word += bytes[start..<end]
      var found: Int32?
      word.withUnsafeBufferPointer { word in
        guard let base = word.baseAddress else { return }
        while start < end {
          let isBorder = end == piece.upperBound || bytes[end] & 0xC0 != 0x80
          let from = prefix.count - head
          if isBorder, let id = vocabulary.ids.find(base + from, head + end - start) {
            found = id
            break
          }
          end -= 1
        }
      }
      guard let found else {
        out.removeLast(out.count - began)
        return out.append(unknown)
      }
      out.append(found)
      start = end
    }
  }
}

/// A token a piece.
struct WordLevelModel: TokenModel {
  static let type = "WordLevel"
  let vocabulary: TokenVocabulary
  private let unknown: Int32?

  init(_ part: JSONPlace, isByteLevel: Bool) throws {
    vocabulary = try TokenVocabulary(part["vocab"], isByteLevel: isByteLevel)
    unknown = part["unk_token"].text.flatMap(vocabulary.id)
  }

  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ work: inout EncodingWork, _ out: inout [Int32]
  ) throws {
    guard let base = bytes.baseAddress else { return }
    guard let id = vocabulary.ids.find(base + piece.lowerBound, piece.count) ?? unknown else {
      let word = String(decoding: bytes[piece], as: UTF8.self)
      throw Failure("“\(word)” has no token, and the tokenizer none for what is unknown.")
    }
    out.append(id)
  }
}
