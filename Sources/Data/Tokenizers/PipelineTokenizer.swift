import FileSystem
import Options

/// A tokenizer as Hugging Face's `tokenizer.json` describes it: a normalizer, a pre-tokenizer, a model, what stands
/// around the ids, and a decoder.
public struct PipelineTokenizer: Tokenizer {
  /// The file's bytes, as they were read: saving writes them back unchanged.
  public let file: [UInt8]
  /// The small files that lay beside it, by name: saving writes them back too.
  public var companions: [String: [UInt8]] = [:]
  /// The name that is shown.
  public let name: String
  /// The id that ends a text.
  public var endOfText: Int?
  /// The id that fills short rows.
  public var pad: Int?
  /// The token that begins a text, where there is one.
  public var beginning: String?
  /// How talks are written, as the model's makers put it.
  public var chat: String?
  /// Ids that stand for no text of a user.
  public let specials: Set<Int>
  /// One more than the largest id.
  public let vocabularySize: Int

  private let normalizer: (any Normalizer)?
  private let pre: (any PreTokenizer)?
  private let model: any TokenModel
  private let isByteLevel: Bool
  private let frame: Frame
  private let decoder: (any Decoder)?
  private let added: [AddedToken]
  private let raw, normalized: AddedSearch
  /// Contents of added tokens by id.
  private let contents: [Int: String]
  private let memory = WordMemory()

  /// Reads the bytes of a file; an error names the key. `name` is what the error calls the file.
  public init(_ bytes: [UInt8], name: String = "tokenizer.json") throws {
    try self.init(JSONPlace(parsing: bytes, name: name), file: bytes)
  }

  /// A tokenizer from its document.
  init(_ root: JSONPlace, file: [UInt8]) throws {
    self.file = file
    let normalizer = try Normalizers.read(root["normalizer"])
    var pre = try PreTokenizers.read(root["pre_tokenizer"])
    isByteLevel = pre?.endsInLetters ?? false
    if isByteLevel { pre = pre?.withoutLetters }
    let model = try TokenModels.read(root["model"], isByteLevel: isByteLevel)
    let added = try Self.added(root["added_tokens"], limit: TokenVocabulary.idLimit(model.vocabulary.count))
    (self.normalizer, self.pre, self.model, self.added) = (normalizer, pre, model, added)
    decoder = try Decoders.read(root["decoder"])
    specials = Set(added.filter(\.isSpecial).map(\.id))
    vocabularySize = max(model.vocabulary.count, (added.map(\.id).max() ?? -1) + 1)
    raw = AddedSearch(added.filter { !$0.isNormalized }.map { (Array($0.content.utf8), $0) })
    let changed = try added.filter(\.isNormalized).map { token in
      let text = Array(token.content.utf8)
      return (bytes: try normalizer?.normalize(text) ?? text, token: token)
    }
    normalized = AddedSearch(changed)
    // Tokens that are looked for in normalized texts are written as they stand there.
    var contents = Dictionary(added.map { ($0.id, $0.content) }) { first, _ in first }
    for one in changed { contents[one.token.id] = String(decoding: one.bytes, as: UTF8.self) }
    self.contents = contents
    frame = try PostProcessors.read(root["post_processor"]) { token in
      added.first { ExactText.same($0.content, token) }?.id ?? model.vocabulary.id(of: token).map { Int($0) }
    }
    name = "\(Self.kind(model, isByteLevel)) \(vocabularySize)"
    endOfText = TokenizerMarks.ending(added)
    pad = TokenizerMarks.padding(added)
  }

  private static func added(_ part: JSONPlace, limit: Int) throws -> [AddedToken] {
    if part.isNull { return [] }
    guard let list = part.list else { throw part.failure("a list") }
    return try list.map { try AddedToken($0, limit: limit) }
  }

  private static func kind(_ model: any TokenModel, _ isByteLevel: Bool) -> String {
    switch model {
    case is PairModel: return isByteLevel ? "byte-pair" : "pairs of pieces"
    case is UnigramModel: return "unigram"
    case is WordPieceModel: return "word pieces"
    default: return "words"
    }
  }
}

// MARK: Encoding

extension PipelineTokenizer {
  /// The ids of a text, without what stands around a whole input.
  public func encode(_ text: String) throws -> [Int] {
    var out: [Int32] = []
    out.reserveCapacity(text.utf8.count / 3 + 4)
    try encode(Array(text.utf8), &out)
    return out.map { Int($0) }
  }

  /// The ids of a whole input, or of two, with what stands around them: `[CLS] … [SEP]`.
  public func encodeFramed(_ text: String, _ second: String? = nil) throws -> [Int] {
    frame.filled(try encode(text), try second.map { try encode($0) })
  }

  /// Ids before and after a whole input.
  public var around: (before: [Int], after: [Int]) { frame.around }

  private func encode(_ text: [UInt8], _ out: inout [Int32]) throws {
    if raw.isEmpty { return try encodeRaw(text, begins: true, &out) }
    let parts = raw.parts(text)
    if parts.count == 1, parts[0].id == nil { return try encodeRaw(text, begins: true, &out) }
    for part in parts {
      if let id = part.id {
        out.append(Int32(id))
      } else {
        try encodeRaw(Array(text[part.range]), begins: part.range.lowerBound == 0, &out)
      }
    }
  }

  private func encodeRaw(_ text: [UInt8], begins: Bool, _ out: inout [Int32]) throws {
    let text = try normalizer?.normalize(text) ?? text
    if normalized.isEmpty { return try encodePiece(text, begins: begins, &out) }
    for part in normalized.parts(text) {
      if let id = part.id {
        out.append(Int32(id))
      } else {
        let isWhole = part.range == 0..<text.count
        try encodePiece(
          isWhole ? text : Array(text[part.range]), begins: begins && part.range.lowerBound == 0, &out)
      }
    }
  }

  private func encodePiece(_ text: [UInt8], begins: Bool, _ out: inout [Int32]) throws {
    var pieces = Pieces(text, begins: begins)
    try pre?.cut(&pieces)
    try memory.encode(pieces, model, &out)
  }
}

extension PipelineTokenizer {
  /// A talk as one text, as the model's makers write it, with the answer begun; throws where that is not known.
  public func talk(_ messages: [ChatMessage]) throws -> String {
    guard let chat else {
      throw Failure("the model has no chat template.", cure: "Write the talk as plain text: gen \"…\"")
    }
    let end = endOfText.flatMap(content) ?? ""
    return try ChatTemplate(jinja: chat).text(messages, begin: beginning ?? "", end: end)
  }
}

// MARK: Decoding

extension PipelineTokenizer {
  /// The text of ids, special tokens too; ids outside the vocabulary are nothing.
  public func decode(_ ids: [Int]) -> String { decode(ids, skipsSpecials: false) }

  /// The text of ids, with or without special tokens.
  public func decode(_ ids: [Int], skipsSpecials: Bool) -> String {
    let tokens = ids.compactMap { id -> [UInt8]? in
      if skipsSpecials, specials.contains(id) { return nil }
      return content(id).map { Array($0.utf8) }
    }
    guard let decoder else { return String(decoding: Array(tokens.joined(separator: [0x20])), as: UTF8.self) }
    // A pattern that tries without end leaves the tokens as they are.
    let parts = (try? decoder.decode(tokens)) ?? tokens
    return String(decoding: parts.joined(), as: UTF8.self)
  }

  /// A token as the file writes it.
  public func content(_ id: Int) -> String? {
    if let known = contents[id] { return known }
    return model.vocabulary.tokens.indices.contains(id) ? model.vocabulary.tokens[id] : nil
  }

  /// The id of a token as the file writes it.
  public func id(of token: String) -> Int? {
    added.first { ExactText.same($0.content, token) }?.id ?? model.vocabulary.id(of: token).map { Int($0) }
  }

  /// One token as it is shown.
  public func token(_ id: Int) -> String {
    guard let text = content(id) else { return "" }
    if contents[id] == nil, isByteLevel, let bytes = ByteAlphabet.bytesOrNil(of: text) {
      return visible(bytes)
    }
    return visible(Array(text.replacing("▁", with: " ").utf8))
  }
}

/// How known tokenizers write the end of a text, and padding; `tokenizer.json` does not say which token it is.
enum TokenizerMarks {
  private static let endings = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>"]
  private static let paddings = ["<|pad|>", "<pad>", "[PAD]", "<|padding|>"]

  /// The first added token that is known to end a text.
  static func ending(_ added: [AddedToken]) -> Int? { added.first { endings.contains($0.content) }?.id }
  /// The first added token that is known to fill rows.
  static func padding(_ added: [AddedToken]) -> Int? { added.first { paddings.contains($0.content) }?.id }
}
