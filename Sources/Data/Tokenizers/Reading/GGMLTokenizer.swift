import FileSystem
import Options

/// The tokenizer that a GGUF file holds under `tokenizer.ggml.*`, as plain arrays.
public struct GGMLTokenizer: Sendable {
  /// `gpt2`, `llama`, `t5` or `bert`.
  public var model = ""
  /// How words are cut, for `gpt2`: `smollm`, `llama-bpe`.
  public var pre = ""
  /// The tokens by id.
  public var tokens: [String] = []
  /// Their scores.
  public var scores: [Float] = []
  /// What they are: 1 normal, 2 unknown, 3 control, 4 of the user, 5 unused, 6 a byte.
  public var kinds: [Int] = []
  /// Merges, each two tokens with a space between.
  public var merges: [String] = []
  /// Ids of tokens with a meaning.
  public var begin: Int?, end: Int?, unknown: Int?, pad: Int?
  /// Whether a text begins and ends with its token.
  public var addsBegin: Bool?, addsEnd: Bool?
  /// Whether a space is put before a text, and whether spaces are cleaned away.
  public var addsSpace = true, removesSpaces = false
  /// SentencePiece's table of replacements.
  public var charsmap: [UInt8] = []
  /// How talks are written.
  public var chat: String?

  /// Nothing yet.
  public init() {}

  /// The tokenizer; throws for kinds that are not known, by name.
  public func tokenizer() throws -> PipelineTokenizer {
    guard !tokens.isEmpty else { throw wrong("tokens", "has none") }
    for (name, id) in [("bos", begin), ("eos", end), ("unknown", unknown), ("padding", pad)] {
      guard let id, !tokens.indices.contains(id) else { continue }
      throw wrong("\(name)_token_id", "is \(id), of \(tokens.count) tokens")
    }
    guard kinds.isEmpty || kinds.count == tokens.count, scores.isEmpty || scores.count == tokens.count else {
      throw wrong("token_type", "and scores are not as many as the tokens")
    }
    var made = try PipelineTokenizer(json: try document(), name: "tokenizer.ggml")
    made.endOfText = end ?? made.endOfText
    made.pad = pad ?? made.pad
    made.beginning = begin.map { tokens[$0] }
    made.chat = chat
    return made
  }

  private func document() throws -> JSON {
    switch model {
    case "gpt2": return try pairs()
    case "llama", "t5": return try pieces()
    case "bert":
      // Words begin with `▁` there, and what goes on has nothing before it.
      let words = zip(tokens, tokens.indices).map { token, id -> String in
        if kind(id) == 3 || token.hasPrefix("[") && token.hasSuffix("]") { return token }
        return token.hasPrefix("▁") ? String(token.dropFirst()) : "##" + token
      }
      return try OldForms.wordPieces(Array(words.joined(separator: "\n").utf8), TokenizerSettings())
    default: throw unknown("kind of tokenizer", model)
    }
  }

  private func kind(_ id: Int) -> Int { kinds.indices.contains(id) ? kinds[id] : 1 }

  private func unknown(_ what: String, _ name: String) -> Failure {
    let known = what == "cut of words" ? Self.cuts.map(\.name) : ["gpt2", "llama", "t5", "bert"]
    let failure = Options.unknown(what, name, among: known, of: "this GGUF file")
    return Failure(
      failure.what,
      cure: failure.cure.isEmpty ? "Open the model's Hugging Face folder instead." : failure.cure,
      details: failure.details)
  }

  private func wrong(_ key: String, _ why: String) -> Failure {
    Failure("tokenizer.ggml.\(key) \(why).", cure: "Fetch the file again.")
  }

  private func around() -> JSON {
    func mark(_ id: Int?, _ isWanted: Bool) -> [(token: String, id: Int)] {
      id.flatMap { isWanted ? [(tokens[$0], $0)] : nil } ?? []
    }
    let after = mark(end, addsEnd ?? (model == "t5"))
    return OldForms.template(
      before: mark(begin, addsBegin ?? (model == "llama")), after: after, between: after)
  }

  // MARK: Byte pairs

  /// How words are cut, by the word under `pre`.
  private static let cuts: [(name: String, cut: String)] = [
    ("default", WordRule.gpt2Text), ("gpt-2", WordRule.gpt2Text), ("smollm", "digits"),
    ("llama-bpe", WordRule.llama3Text(digits: 3)), ("llama3", WordRule.llama3Text(digits: 3)),
    ("llama-v3", WordRule.llama3Text(digits: 3)), ("qwen2", WordRule.llama3Text(digits: 1)),
    ("olmo", WordRule.gpt2Text), ("mpt", WordRule.gpt2Text),
  ]

  private func pairs() throws -> JSON {
    guard let cut = Self.cuts.first(where: { $0.name == (pre.isEmpty ? "default" : pre) })?.cut else {
      throw unknown("cut of words", pre)
    }
    func byteLevel(_ usesPattern: Bool) -> JSON {
      ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(usesPattern)]
    }
    let first: JSON =
      cut == "digits"
      ? ["type": "Digits", "individual_digits": true]
      : ["type": "Split", "pattern": ["Regex": .string(cut)], "behavior": "Isolated", "invert": false]
    let isPlain = cut == WordRule.gpt2Text
    let steps: JSON =
      isPlain ? byteLevel(true) : ["type": "Sequence", "pretokenizers": [first, byteLevel(cut == "digits")]]
    var vocabulary = JSON.Object()
    for (id, token) in tokens.enumerated() where !vocabulary.add(token, .integer(id)) {
      throw wrong("tokens", "has “\(token)” twice")
    }
    let pairs = merges.map { JSON.array(TokenizerFile.halves($0).map { .string($0) }) }
    return OldForms.document(
      added: marks(), normalizer: .null, pre: steps, post: around(), decoder: byteLevel(true),
      model: OldForms.pairModel(
        .object(vocabulary), .array(pairs), ignoresMerges: cut == WordRule.llama3Text(digits: 3)))
  }

  private func marks() -> [JSON] {
    tokens.indices.filter { kind($0) == 3 || kind($0) == 4 }.map {
      OldForms.added($0, tokens[$0], special: kind($0) == 3)
    }
  }

  // MARK: Pieces

  private func pieces() throws -> JSON {
    let pieces = try tokens.enumerated().map { id, token in
      guard let kind = PieceFile.Kind(rawValue: UInt64(clamping: kind(id))) else {
        throw wrong("token_type", "holds \(kind(id))")
      }
      let score = scores.indices.contains(id) ? scores[id] : 0
      guard score.isFinite else {
        throw wrong("scores", "holds no number for “\(token)”")
      }
      return PieceFile.Piece(text: token, score: score, kind: kind)
    }
    let file = PieceFile(
      pieces: pieces, isPairs: model == "llama", addsPrefix: addsSpace, removesSpaces: removesSpaces,
      charsmap: charsmap,
      unknown: unknown ?? 0, name: "tokenizer.ggml")
    var document = try file.document(TokenizerSettings())
    if case .object(var fields) = document {
      fields["post_processor"] = around()
      document = .object(fields)
    }
    return document
  }
}
