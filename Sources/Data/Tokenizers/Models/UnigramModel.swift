import FileSystem
import Options

/// Unigram: of all ways to cut a piece into tokens, the likeliest.
///
///     best(end) = max over tokens that end there of best(start) + log p(token)
///
/// Paper: Kudo 2018 (arXiv 1804.10959).
struct UnigramModel: TokenModel {
  static let type = "Unigram"
  let vocabulary: TokenVocabulary
  private let scores: [Double]
  private let trie: ByteTrie
  private let unknown: Int32?
  private let unknownScore: Double
  private let fallback: [Int32?]?

  /// The best way to a place.
  struct Place {
    var score = 0.0
    var from: Int32 = -1
    var id: Int32 = 0
  }

  init(_ part: JSONPlace, isByteLevel: Bool) throws {
    if isByteLevel { throw TokenizerPart.unsupported(part["type"], "not together with ByteLevel") }
    let place = part["vocab"]
    guard let list = place.value?.asArray else { throw place.failure("a list of tokens and their scores") }
    var tokens: [String] = [], scores: [Double] = []
    tokens.reserveCapacity(list.count)
    scores.reserveCapacity(list.count)
    for (i, item) in list.enumerated() {
      guard let pair = item.asArray, pair.count == 2, let token = pair[0].asString,
        let score = pair[1].asNumber,
        score.isFinite
      else { throw Failure("\(place.place)[\(i)] must be a token and its score.") }
      tokens.append(token)
      scores.append(score)
    }
    vocabulary = TokenVocabulary(tokens)
    self.scores = scores
    trie = ByteTrie(tokens)
    unknownScore = (scores.min() ?? 0) - 10
    let id = part["unk_id"]
    if id.isNull {
      unknown = nil
    } else {
      guard let n = id.integer, tokens.indices.contains(n) else {
        throw id.failure("a whole number from 0 to \(tokens.count - 1)")
      }
      unknown = Int32(n)
    }
    fallback = part["byte_fallback"].flag == true ? vocabulary.byteTokens : nil
  }

  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ work: inout EncodingWork, _ out: inout [Int32]
  ) throws {
    try search(bytes, piece, &work.places)
    // From the end back to the beginning; unknown neighbours are one.
    let start = out.count
    var end = piece.count
    while end > 0 {
      let place = work.places[end]
      var from = Int(place.from)
      if place.id == unknown {
        while from > 0, work.places[from].id == unknown { from = Int(work.places[from].from) }
        append(bytes, piece.lowerBound + from..<piece.lowerBound + end, &out)
      } else {
        out.append(place.id)
      }
      end = from
    }
    out[start...].reverse()
  }

  private func search(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ places: inout [Place]
  ) throws {
    let count = piece.count, base = piece.lowerBound
    if places.count < count + 1 { places = [Place](repeating: Place(), count: 2 * count + 64) }
    for i in 0...count { places[i] = Place() }
    var i = 0
    while i < count {
      let length = UTF8Walk.scalar(bytes, base + i, piece.upperBound).length
      let before = places[i].score
      var hasSingle = false, node = trie.root, j = i
      while j < count, let next = trie.step(node, bytes[base + j]) {
        (node, j) = (next, j + 1)
        guard let id = trie.id(node) else { continue }
        let score = scores[Int(id)] + before
        if places[j].from < 0 || score > places[j].score {
          places[j] = Place(score: score, from: Int32(i), id: id)
        }
        if j - i == length { hasSingle = true }
      }
      if !hasSingle {
        let score = unknownScore + before
        if places[i + length].from < 0 || score > places[i + length].score {
          guard let unknown else {
            let letter = String(decoding: bytes[base + i..<base + i + length], as: UTF8.self)
            throw Failure("“\(letter)” has no token, and the tokenizer none for what is unknown.")
          }
          places[i + length] = Place(score: score, from: Int32(i), id: unknown)
        }
      }
      i += length
    }
  }

  /// What is unknown, as it stands in the vocabulary, as bytes, or as the unknown token; backwards.
  private func append(_ bytes: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, _ out: inout [Int32]) {
    guard let base = bytes.baseAddress, let unknown else { return }
    if let id = vocabulary.ids.find(base + part.lowerBound, part.count) { return out.append(id) }
    if let fallback, case let ids = bytes[part].map({ fallback[Int($0)] }), !ids.contains(nil) {
      out += ids.reversed().compactMap { $0 }
    } else {
      out.append(unknown)
    }
  }
}
