import FileSystem
import Options

/// The tokenizer of a model's folder, in whichever of the usual files it lies.
///
///     tokenizer.json                          Hugging Face's own form
///     spiece.model, tokenizer.model, *.spm    SentencePiece
///     vocab.json and merges.txt               GPT-2's byte pairs
///     vocab.txt                               BERT's word pieces
///
/// The three old forms are turned into the document that `tokenizer.json` would hold, and read from there.
public struct TokenizerFolder: Sendable {
  /// The folder.
  public let path: String
  private let files: any Files
  private let names: [String]

  /// Looks at a folder.
  public init(_ path: String, files: any Files = .disk) throws {
    self.path = path
    self.files = files
    names = try files.names(in: path)
  }

  private static let pieces = ["spiece.model", "tokenizer.model", "sentencepiece.bpe.model", "source.spm"]

  private static let beside = ["tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"]

  /// The file that the tokenizer would be read from; nil: there is none.
  public var source: String? {
    if names.contains("tokenizer.json") { return "tokenizer.json" }
    if let known = Self.pieces.first(where: names.contains) { return known }
    if let spm = names.first(where: { $0.hasSuffix(".spm") }) { return spm }
    if names.contains("vocab.json"), names.contains("merges.txt") { return "vocab.json" }
    return names.contains("vocab.txt") ? "vocab.txt" : nil
  }

  /// Opens it; throws where there is none, or it has parts that are not known.
  public func open() throws -> any Tokenizer {
    guard let source else {
      throw Failure(
        "\(shown(path)) has no tokenizer.",
        cure: "Fetch tokenizer.json (or spiece.model, vocab.json with merges.txt, or vocab.txt) into it.")
    }
    let bytes = try files.bytes(of: Path.join(path, source)).array
    let settings = try settings()
    var tokenizer: any Tokenizer
    switch source {
    case "tokenizer.json": tokenizer = try TokenizerFile.open(bytes, name: source)
    case "vocab.json":
      let merges = try files.bytes(of: Path.join(path, "merges.txt")).array
      tokenizer = try PipelineTokenizer(json: try OldForms.pairs(vocabulary: bytes, merges: merges, settings))
    case "vocab.txt": tokenizer = try PipelineTokenizer(json: try OldForms.wordPieces(bytes, settings))
    default: tokenizer = try PipelineTokenizer(json: try PieceFile(bytes, name: source).document(settings))
    }
    if var pipeline = tokenizer as? PipelineTokenizer {
      pipeline.endOfText = settings.token("eos_token").flatMap(pipeline.id) ?? pipeline.endOfText
      pipeline.beginning = settings.token("bos_token")
      pipeline.chat = try chat(settings)
      pipeline.pad = settings.token("pad_token").flatMap(pipeline.id) ?? pipeline.pad
      // Settings of an old form speak of files that are not written again.
      if source == "tokenizer.json" {
        for name in Self.beside where names.contains(name) {
          pipeline.companions[name] = try files.bytes(of: Path.join(path, name)).array
        }
      }
      tokenizer = pipeline
    }
    return tokenizer
  }

  private func chat(_ settings: TokenizerSettings) throws -> String? {
    if names.contains("chat_template.jinja") {
      return try files.text(of: Path.join(path, "chat_template.jinja"))
    }
    let template = settings.config?["chat_template"]
    // Several templates stand in a list, each with its name.
    return template?.asString
      ?? template?.asArray?.first { $0["name"]?.asString == "default" }?["template"]?.asString
  }

  /// What tokenizer_config.json and special_tokens_map.json say.
  private func settings() throws -> TokenizerSettings {
    func object(_ name: String) throws -> JSON? {
      names.contains(name) ? try JSON.read(Path.join(path, name), files: files) : nil
    }
    return TokenizerSettings(
      config: try object("tokenizer_config.json"), special: try object("special_tokens_map.json"),
      added: try object("added_tokens.json"))
  }
}

/// What the small files beside a tokenizer say.
struct TokenizerSettings: Sendable {
  var config: JSON?
  var special: JSON?
  var added: JSON?

  /// The text of a named token: `eos_token`.
  func token(_ key: String) -> String? {
    for file in [config, special] {
      if let text = file?[key]?.asString ?? file?[key]?["content"]?.asString { return text }
    }
    return nil
  }

  /// A switch of tokenizer_config.json.
  func flag(_ key: String) -> Bool? { config?[key]?.asBool }

  /// Added tokens by content, from `added_tokens_decoder` or added_tokens.json.
  var tokens: [(id: Int, content: String, special: Bool)] {
    if let list = config?["added_tokens_decoder"]?.asObject {
      return list.members.compactMap { member in
        guard let id = Int(member.key), id >= 0, let content = member.value["content"]?.asString else {
          return nil
        }
        return (id, content, member.value["special"]?.asBool ?? false)
      }
    }
    return (added?.asObject?.members ?? []).compactMap { member in
      member.value.asInteger.map { ($0, member.key, false) }
    }
  }
}

extension PipelineTokenizer {
  /// A tokenizer of a document that was made here.
  init(json: JSON, name: String = "tokenizer.json") throws {
    let text = try json.text()
    try self.init(JSONPlace(json, of: name), file: Array(text.utf8))
  }
}
