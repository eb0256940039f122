import FileSystem
import Options

/// Byte-level byte-pair encoding as GPT-2's: text is cut into words, a word into bytes, and neighbours are
/// joined in the order of the learned merges.
///
/// Paper: Sennrich, Haddow, Birch 2016 (arXiv 1508.07909); Radford et al. 2019 for bytes.
public struct BytePairTokenizer: Tokenizer, Equatable {
  /// A token matched as a whole in the text, before the text is cut into words.
  public struct Added: Sendable, Equatable {
    /// Its id.
    public var id: Int
    /// Its text.
    public var content: String
    /// Whether it stands for no text of a user.
    public var special: Bool

    /// An added token from its parts.
    public init(id: Int, content: String, special: Bool) {
      self.id = id
      self.content = content
      self.special = special
    }

    /// Whether id, bytes of the text and meaning are the same.
    public static func == (a: Added, b: Added) -> Bool {
      a.id == b.id && ExactText.same(a.content, b.content) && a.special == b.special
    }
  }

  /// The merges in the order of their rank, as pairs of ids.
  public let merges: [(left: Int, right: Int)]
  /// Tokens matched as a whole.
  public let added: [Added]
  /// The id that ends a text.
  public var endOfText: Int?
  /// The id that fills short rows.
  public var pad: Int?
  /// The name that is shown.
  public var name: String

  /// The token of each id in the byte alphabet, nil where the model's vocabulary has none.
  let vocabulary: [String?]
  let pattern: WordPattern
  private let pieces: [[UInt8]]
  private let byteIds: [Int32]
  /// From a pair of ids (left in the high half) to rank (high half) and joined id.
  private let joins: [UInt64: UInt64]
  /// Added tokens, longest first, by their first byte.
  private let addedBytes: [UInt8: [(bytes: [UInt8], id: Int)]]

  /// A tokenizer from a vocabulary, whose indices are the ids, and merges by rank, each with the joined id.
  init(
    vocabulary: [String?], merges: [(left: Int, right: Int, joined: Int)], added: [Added],
    pattern: WordPattern = WordPattern(), name: String? = nil
  ) {
    var pieces = vocabulary.map { $0.map(ByteAlphabet.bytes(of:)) ?? [] }
    for token in added {
      while pieces.count <= token.id { pieces.append([]) }
      pieces[token.id] = ByteAlphabet.bytes(of: token.content)
    }
    var byteIds = [Int32](repeating: -1, count: 256)
    for (id, token) in vocabulary.enumerated() where token?.unicodeScalars.count == 1 {
      if pieces[id].count == 1 { byteIds[Int(pieces[id][0])] = Int32(id) }
    }
    var joins: [UInt64: UInt64] = [:]
    joins.reserveCapacity(merges.count)
    for (rank, merge) in merges.enumerated() {
      joins[Pair.key(merge.left, merge.right)] = UInt64(rank) << 32 | UInt64(merge.joined)
    }
    self.vocabulary = vocabulary
    self.merges = merges.map { ($0.left, $0.right) }
    self.added = added
    self.pattern = pattern
    self.pieces = pieces
    self.byteIds = byteIds
    self.joins = joins
    let whole = added.filter { !$0.content.isEmpty }.map { (bytes: Array($0.content.utf8), id: $0.id) }
    addedBytes = Dictionary(grouping: whole.sorted { $0.bytes.count > $1.bytes.count }) { $0.bytes[0] }
    self.name = name ?? "byte-pair \(pieces.count)"
    endOfText = added.first { BytePairTokenizer.endings.contains($0.content) }?.id
    pad = added.first { BytePairTokenizer.paddings.contains($0.content) }?.id
  }

  /// How known tokenizers write the end of a text, and padding; `tokenizer.json` does not say which token
  /// it is.
  private static let endings: Set<String> = [
    "<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>",
  ]
  private static let paddings: Set<String> = ["<|pad|>", "<pad>", "[PAD]", "<|padding|>"]

  /// One more than the largest id.
  public var vocabularySize: Int { pieces.count }
  /// Ids that stand for no text of a user.
  public var specials: Set<Int> { Set(added.filter(\.special).map(\.id)) }

  /// Whether every byte has an id, so that any text can be encoded.
  public var coversAllBytes: Bool { !byteIds.contains(-1) }

  /// Whether both give the same ids to every text and are written alike; the shown name does not matter.
  public static func == (a: BytePairTokenizer, b: BytePairTokenizer) -> Bool {
    a.vocabulary.map { $0.map(ExactText.init) } == b.vocabulary.map { $0.map(ExactText.init) }
      && a.added == b.added && a.joins == b.joins && a.pattern == b.pattern
      && a.endOfText == b.endOfText && a.pad == b.pad && a.merges.elementsEqual(b.merges, by: ==)
  }
}

// MARK: Encoding

extension BytePairTokenizer {
  /// The ids of a text; any text has some.
  public func encode(_ text: String) -> [Int] {
    var known: [ArraySlice<UInt8>: [Int]] = [:]
    return encode(text, &known)
  }

  /// The ids of many texts, the work on repeated words done once.
  public func encode(_ texts: [String]) -> [[Int]] {
    var known: [ArraySlice<UInt8>: [Int]] = [:]
    return texts.map { encode($0, &known) }
  }

  private func encode(_ text: String, _ known: inout [ArraySlice<UInt8>: [Int]]) -> [Int] {
    guard !addedBytes.isEmpty else { return encodeWords(text, &known) }
    let bytes = Array(text.utf8)
    var out: [Int] = []
    var start = 0
    var i = 0
    while i < bytes.count {
      let matches = addedBytes[bytes[i]] ?? []
      guard let match = matches.first(where: { bytes[i...].starts(with: $0.bytes) }) else {
        i += 1
        continue
      }
      if start < i { out += encodeWords(String(decoding: bytes[start..<i], as: UTF8.self), &known) }
      out.append(match.id)
      i += match.bytes.count
      start = i
    }
    if start == 0 { return encodeWords(text, &known) }
    if start < bytes.count { out += encodeWords(String(decoding: bytes[start...], as: UTF8.self), &known) }
    return out
  }

  private func encodeWords(_ text: String, _ known: inout [ArraySlice<UInt8>: [Int]]) -> [Int] {
    let bytes = Array(text.utf8)
    var out: [Int] = []
    for range in pattern.words(in: text) {
      let word = bytes[range]
      if let ids = known[word] {
        out += ids
      } else {
        let ids = encodeWord(word)
        known[ArraySlice(Array(word))] = ids
        out += ids
      }
    }
    return out
  }

  /// Joins the neighbours of lowest rank, leftmost first, until no merge applies.
  ///
  /// A linked list over the word and a heap of candidates (rank in the high half, place in the low): n·log n.
  private func encodeWord(_ word: ArraySlice<UInt8>) -> [Int] {
    var symbols = word.map { byteIds[Int($0)] }.filter { $0 >= 0 }.map { Int($0) }
    guard symbols.count > 1 else { return symbols }
    var next = Array(1...symbols.count)
    var before = Array(-1..<symbols.count - 1)
    let end = symbols.count
    var heap = MinimumHeap<UInt64>()
    func join(at i: Int) -> UInt64? {
      i >= 0 && next[i] < end ? joins[Pair.key(symbols[i], symbols[next[i]])] : nil
    }
    for i in symbols.indices {
      if let found = join(at: i) { heap.insert(Pair.key(Int(found >> 32), i)) }
    }
    while let candidate = heap.removeFirst() {
      let i = Int(candidate & 0xFFFF_FFFF)
      // A candidate is stale when its place was joined away or has another neighbour by now.
      guard symbols[i] >= 0, let found = join(at: i), found >> 32 == candidate >> 32 else { continue }
      symbols[i] = Int(found & 0xFFFF_FFFF)
      symbols[next[i]] = -1
      next[i] = next[next[i]]
      if next[i] < end { before[next[i]] = i }
      for place in [before[i], i] {
        if let found = join(at: place) { heap.insert(Pair.key(Int(found >> 32), place)) }
      }
    }
    return symbols.filter { $0 >= 0 }
  }
}

// MARK: Decoding

extension BytePairTokenizer {
  /// The text of ids; what is not UTF-8 becomes U+FFFD, ids outside the vocabulary nothing.
  public func decode(_ ids: [Int]) -> String { String(decoding: bytes(ids), as: UTF8.self) }

  /// The bytes of ids, joined.
  public func bytes(_ ids: [Int]) -> [UInt8] {
    ids.flatMap { pieces.indices.contains($0) ? pieces[$0] : [] }
  }

  /// One token as it is shown.
  public func token(_ id: Int) -> String { visible(bytes([id])) }
}

/// Two whole numbers below 2³² as one key, ordered by the first.
enum Pair {
  static func key(_ left: Int, _ right: Int) -> UInt64 { UInt64(left) << 32 | UInt64(right) }
}
