import FileSystem
import Options

/// Tokenizers of before `tokenizer.json`, as the document that it would hold.
enum OldForms {
  /// An added token's entry.
  static func added(
    _ id: Int, _ content: String, special: Bool = true, normalized: Bool = false, lstrip: Bool = false
  ) -> JSON {
    [
      "id": .integer(id), "content": .string(content), "single_word": false, "lstrip": .bool(lstrip),
      "rstrip": false,
      "normalized": .bool(normalized), "special": .bool(special),
    ]
  }

  /// A whole document.
  static func document(
    added: [JSON], normalizer: JSON, pre: JSON, post: JSON, decoder: JSON, model: JSON
  ) -> JSON {
    [
      "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(added),
      "normalizer": normalizer, "pre_tokenizer": pre, "post_processor": post, "decoder": decoder,
      "model": model,
    ]
  }

  /// BERT's `vocab.txt`: a token a line.
  static func wordPieces(_ bytes: [UInt8], _ settings: TokenizerSettings) throws -> JSON {
    let text = try UTF8Check.text(bytes, of: "vocab.txt")
    var vocabulary = JSON.Object()
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (id, line) in lines.enumerated() {
      let token = line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
      vocabulary[token] = .integer(id)
    }
    func special(_ key: String, _ usual: String) -> (token: String, id: Int)? {
      let token = settings.token(key) ?? usual
      return vocabulary[token]?.asInteger.map { (token, $0) }
    }
    let marks = [
      ("pad_token", "[PAD]"), ("unk_token", "[UNK]"), ("cls_token", "[CLS]"), ("sep_token", "[SEP]"),
      ("mask_token", "[MASK]"),
    ].compactMap { special($0.0, $0.1) }.sorted { $0.id < $1.id }
    guard let cls = special("cls_token", "[CLS]"), let sep = special("sep_token", "[SEP]"),
      let unknown = special("unk_token", "[UNK]")
    else {
      throw Failure("vocab.txt lacks [CLS], [SEP] or [UNK].", cure: "Fetch the tokenizer again.")
    }
    let lowers = settings.flag("do_lower_case") ?? true
    return document(
      added: marks.map { added($0.id, $0.token) },
      normalizer: [
        "type": "BertNormalizer", "clean_text": true,
        "handle_chinese_chars": .bool(settings.flag("tokenize_chinese_chars") ?? true),
        "strip_accents": settings.flag("strip_accents").map { .bool($0) } ?? .null,
        "lowercase": .bool(lowers),
      ],
      pre: ["type": "BertPreTokenizer"],
      post: template(before: [cls], after: [sep], between: [sep]),
      decoder: ["type": "WordPiece", "prefix": "##", "cleanup": true],
      model: [
        "type": "WordPiece", "unk_token": .string(unknown.token), "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": .object(vocabulary),
      ])
  }

  /// What stands around one text and between two.
  static func template(
    before: [(token: String, id: Int)], after: [(token: String, id: Int)], between: [(token: String, id: Int)]
  ) -> JSON {
    func special(_ tokens: [(token: String, id: Int)], _ type: Int) -> [JSON] {
      tokens.map { ["SpecialToken": ["id": .string($0.token), "type_id": .integer(type)]] }
    }
    func text(_ name: String, _ type: Int) -> JSON {
      ["Sequence": ["id": .string(name), "type_id": .integer(type)]]
    }
    var known = JSON.Object()
    for one in before + after + between {
      known[one.token] = [
        "id": .string(one.token), "ids": [.integer(one.id)], "tokens": [.string(one.token)],
      ]
    }
    return [
      "type": "TemplateProcessing", "single": .array(special(before, 0) + [text("A", 0)] + special(after, 0)),
      "pair": .array(
        special(before, 0) + [text("A", 0)] + special(between, 0) + [text("B", 1)] + special(after, 1)),
      "special_tokens": .object(known),
    ]
  }

  /// GPT-2's `vocab.json` and `merges.txt`.
  static func pairs(vocabulary bytes: [UInt8], merges: [UInt8], _ settings: TokenizerSettings) throws -> JSON
  {
    let vocabulary = try JSON.parse(bytes, name: "vocab.json")
    guard let members = vocabulary.asObject else {
      throw Failure("vocab.json holds \(vocabulary.kind), not tokens and their ids.", cure: "Fetch it again.")
    }
    let lines = try UTF8Check.text(merges, of: "merges.txt").split(separator: "\n")
    let pairs = lines.filter { !$0.hasPrefix("#version") && !$0.allSatisfy(\.isWhitespace) }.map {
      line -> JSON in
      .array(
        TokenizerFile.halves(line.hasSuffix("\r") ? String(line.dropLast()) : String(line)).map {
          .string($0)
        })
    }
    var tokens = settings.tokens.map { added($0.id, $0.content, special: $0.special) }
    if tokens.isEmpty {
      let ends = Set(
        ["eos_token", "bos_token", "unk_token", "pad_token"].compactMap(settings.token) + ["<|endoftext|>"])
      tokens = ends.compactMap { end in members[end]?.asInteger.map { ($0, end) } }.sorted { $0.0 < $1.0 }
        .map { added($0.0, $0.1) }
    }
    let byteLevel: JSON = [
      "type": "ByteLevel", "add_prefix_space": .bool(settings.flag("add_prefix_space") ?? false),
      "trim_offsets": true, "use_regex": true,
    ]
    return document(
      added: tokens, normalizer: .null, pre: byteLevel,
      post: ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true],
      decoder: ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true],
      model: pairModel(vocabulary, .array(pairs)))
  }

  /// A byte-pair model's part.
  static func pairModel(
    _ vocabulary: JSON, _ merges: JSON, unknown: String? = nil, fallsBack: Bool = false, fuses: Bool = false,
    ignoresMerges: Bool = false
  ) -> JSON {
    [
      "type": "BPE", "dropout": .null, "unk_token": unknown.map { .string($0) } ?? .null,
      "continuing_subword_prefix": .null, "end_of_word_suffix": .null, "fuse_unk": .bool(fuses),
      "byte_fallback": .bool(fallsBack), "ignore_merges": .bool(ignoresMerges), "vocab": vocabulary,
      "merges": merges,
    ]
  }
}
