import FileSystem
import Options

/// Hugging Face's `tokenizer.json`, as far as it holds a byte-level byte-pair encoding.
public enum TokenizerFile {
  /// Reads a file.
  public static func read(_ path: String, files: any Files = .disk) throws -> BytePairTokenizer {
    try parse(try files.contents(of: path), name: Path.last(of: path))
  }

  /// Writes a file aside and renames it into place.
  public static func write(
    _ tokenizer: BytePairTokenizer, to path: String, files: any Files = .disk
  ) throws {
    try files.write(path, text: text(tokenizer))
  }

  /// Reads the bytes of a file; an error names the key. `name` is what the error calls the file.
  public static func parse(_ bytes: [UInt8], name: String = "tokenizer.json") throws -> BytePairTokenizer {
    try pairs(try JSONPlace(parsing: bytes, name: name))
  }

  /// The tokenizer of a whole document.
  static func pairs(_ root: JSONPlace) throws -> BytePairTokenizer {
    try checkKind(root)
    let ids = try vocabulary(root["model"]["vocab"])
    let added = try addedTokens(root["added_tokens"], largest: ids.count)
    let merges = try merges(root["model"]["merges"], ids)
    var pattern = WordPattern()
    pattern.digitsApart = try digitsApart(root["pre_tokenizer"])
    let tokenizer = BytePairTokenizer(vocabulary: ids.tokens, merges: merges, added: added, pattern: pattern)
    guard root["model"]["unk_token"].isNull || tokenizer.coversAllBytes else {
      throw Failure("\(root["model"]["unk_token"].place): unknown tokens are not supported.")
    }
    return tokenizer
  }

  // MARK: What is supported

  private static func checkKind(_ root: JSONPlace) throws {
    let model = root["model"]
    guard model["type"].text ?? "BPE" == "BPE" else {
      throw unsupported(model["type"], "only BPE can be read")
    }
    for (part, only) in [
      ("dropout", "null"), ("continuing_subword_prefix", "null"), ("end_of_word_suffix", "null"),
    ] {
      let value = model[part]
      guard value.isNull || value.text == "" || value.integer == 0 else {
        throw unsupported(value, "only \(only) can be read")
      }
    }
    for part in ["byte_fallback", "ignore_merges"] where model[part].flag == true {
      throw unsupported(model[part], "only false can be read")
    }
    guard root["normalizer"].isNull else {
      throw unsupported(root["normalizer"], "only byte-level tokenizers without normalisation can be read")
    }
    guard root["decoder"].isNull || root["decoder"]["type"].text == "ByteLevel" else {
      throw unsupported(root["decoder"]["type"], "only ByteLevel can be read")
    }
    // ByteLevel as a post-processor only trims offsets; a template would add tokens that `encode` does not
    // add.
    let post = root["post_processor"]
    guard post.isNull || post["type"].text == "ByteLevel" else {
      throw unsupported(post["type"], "only ByteLevel can be read")
    }
  }

  private static func digitsApart(_ pre: JSONPlace) throws -> Bool {
    if pre["type"].text == "Sequence", let steps = pre["pretokenizers"].list, steps.count == 2,
      steps[0]["type"].text == "Digits", steps[0]["individual_digits"].flag == true
    {
      try checkByteLevel(steps[1])
      return true
    }
    try checkByteLevel(pre)
    return false
  }

  private static func checkByteLevel(_ pre: JSONPlace) throws {
    guard pre["type"].text == "ByteLevel" else {
      throw unsupported(pre["type"], "only ByteLevel can be read")
    }
    guard pre["add_prefix_space"].flag == false else {
      throw unsupported(pre["add_prefix_space"], "only false can be read")
    }
    guard pre["use_regex"].flag ?? true else { throw unsupported(pre["use_regex"], "only true can be read") }
  }

  private static func unsupported(_ value: JSONPlace, _ why: String) -> Failure {
    Failure("\(value.place) is \(value.plain ?? "not simple") here: \(why).")
  }

  // MARK: Parts

  /// Tokens by id and ids by token; tokens are told apart by their bytes.
  private struct Vocabulary {
    var tokens: [String?] = []
    var ids: [ExactText: Int] = [:]
    var count: Int { tokens.count }
  }

  private static func vocabulary(_ part: JSONPlace) throws -> Vocabulary {
    guard let members = part.members else { throw part.failure("an object of tokens and their ids") }
    var found = Vocabulary()
    let limit = idLimit(members.count)
    for (token, value) in members {
      guard let id = value.integer, (0..<limit).contains(id) else {
        throw value.failure("a whole number from 0 to \(limit - 1)")
      }
      while found.tokens.count <= id { found.tokens.append(nil) }
      if let other = found.tokens[id] {
        let names = [token, other].sorted(by: ExactText.precedes).map { "“\($0)”" }.joined(separator: " and ")
        throw Failure("\(part.place): id \(id) is given twice, to \(names).")
      }
      found.tokens[id] = token
      found.ids[ExactText(token)] = id
    }
    return found
  }

  /// A table is as long as its largest id, so a file may not name an id far above the number of its tokens.
  private static func idLimit(_ tokens: Int) -> Int { 2 * tokens + 65_536 }

  private static func addedTokens(_ part: JSONPlace, largest: Int) throws -> [BytePairTokenizer.Added] {
    if part.isNull { return [] }
    guard let list = part.list else { throw part.failure("a list") }
    return try list.map { token in
      let limit = idLimit(largest)
      guard let id = token["id"].integer, (0..<limit).contains(id) else {
        throw token["id"].failure("a whole number from 0 to \(limit - 1)")
      }
      guard let content = token["content"].text else { throw token["content"].failure("a text") }
      for key in ["single_word", "lstrip", "rstrip"] where token[key].flag == true {
        throw unsupported(token[key], "only false can be read")
      }
      return BytePairTokenizer.Added(id: id, content: content, special: token["special"].flag ?? false)
    }
  }

  private static func merges(
    _ part: JSONPlace, _ vocabulary: Vocabulary
  ) throws -> [(left: Int, right: Int, joined: Int)] {
    guard let list = part.list else { throw part.failure("a list") }
    return try list.map { merge in
      // Files of before 2024 write "a b"; later ones ["a", "b"].
      let parts =
        merge.text.map(halves)
        ?? merge.list?.compactMap(\.text) ?? []
      guard parts.count == 2 else { throw merge.failure("two tokens") }
      let ids = try [parts[0], parts[1], parts[0] + parts[1]].map { token in
        guard let id = vocabulary.ids[ExactText(token)] else {
          throw Failure("\(merge.place): “\(token)” is not in model.vocab.")
        }
        return id
      }
      return (ids[0], ids[1], ids[2])
    }
  }

  /// What stands between the spaces. By bytes: to a `Character`, a space and an accent after it are one.
  static func halves(_ text: String) -> [String] {
    text.utf8.split(separator: 0x20, omittingEmptySubsequences: false).map { String(Substring($0)) }
  }
}

// MARK: Writing

extension TokenizerFile {
  /// The file's text, in the form that Hugging Face's library itself writes.
  public static func text(_ tokenizer: BytePairTokenizer) -> String {
    let byteLevel = { (prefix: Bool) in
      "{\"type\":\"ByteLevel\",\"add_prefix_space\":\(prefix),\"trim_offsets\":true,\"use_regex\":true}"
    }
    let digits = "{\"type\":\"Digits\",\"individual_digits\":true}"
    let added = tokenizer.added.map { token in
      "{\"id\":\(token.id),\"content\":\(JSON.quoted(token.content)),\"single_word\":false,\"lstrip\":false,"
        + "\"rstrip\":false,\"normalized\":false,\"special\":\(token.special)}"
    }
    let vocabulary = tokenizer.vocabulary.enumerated().compactMap { id, token in
      token.map { "\(JSON.quoted($0)):\(id)" }
    }
    let merges = tokenizer.merges.map { pair in
      let texts = [pair.left, pair.right].map { JSON.quoted(tokenizer.vocabulary[$0] ?? "") }
      return "[\(texts[0]),\(texts[1])]"
    }
    let pre = byteLevel(false)
    let parts = [
      "\"version\":\"1.0\",\"truncation\":null,\"padding\":null",
      "\"added_tokens\":[\(added.joined(separator: ","))]",
      "\"normalizer\":null",
      "\"pre_tokenizer\":"
        + (tokenizer.pattern.digitsApart
          ? "{\"type\":\"Sequence\",\"pretokenizers\":[\(digits),\(pre)]}" : pre),
      "\"post_processor\":null",
      "\"decoder\":" + byteLevel(true),
      "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":null,"
        + "\"end_of_word_suffix\":null,\"fuse_unk\":false,\"byte_fallback\":false,\"ignore_merges\":false,"
        + "\"vocab\":{\(vocabulary.joined(separator: ","))},\"merges\":[\(merges.joined(separator: ","))]}",
    ]
    return "{" + parts.joined(separator: ",") + "}"
  }
}
