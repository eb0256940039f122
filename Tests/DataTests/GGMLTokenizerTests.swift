import FileSystem
import Options
import TestSupport
import Testing

@testable import Data

/// Tokenizers as GGUF files hold them give the ids that Hugging Face's library gives for the same vocabulary
/// (Scripts/golden_pipelines.py).
@Suite struct GGMLTokenizerTests {
  private struct Whole {
    let vocabulary: [(text: String, id: Int)]
    let document: JSON
    let rows: [(text: String, ids: [Int])]

    init(_ name: String) throws {
      let path = GoldenTokenizer.folder.appendingPathComponent("pipelines.json").path
      let golden = try JSON.read(path, files: .disk)
      let item = try #require(golden["whole"]?.asArray?.first { $0["name"]?.asString == name })
      document = try #require(item["tokenizer"])
      let lines = try #require(golden["texts"]?.asArray).compactMap(\.asString)
      rows = zip(lines, try #require(item["rows"]?.asArray)).map { line, row in
        (line, row["ids"]?.asArray?.compactMap(\.asInteger) ?? [])
      }
      let own = try #require(document["model"]?["vocab"]?.asObject).members
      vocabulary = own.map { ($0.key, $0.value.asInteger ?? -1) }.sorted { $0.id < $1.id }
    }

    /// Tokens by id, those added to the model's own among them.
    func parts(_ model: String) throws -> GGMLTokenizer {
      var parts = GGMLTokenizer()
      parts.model = model
      let added = (document["added_tokens"]?.asArray ?? []).map {
        (text: $0["content"]?.asString ?? "", id: $0["id"]?.asInteger ?? -1, special: $0["special"] == true)
      }
      let count = max(vocabulary.map(\.id).max() ?? 0, added.map(\.id).max() ?? 0) + 1
      parts.tokens = [String](repeating: "", count: count)
      parts.kinds = [Int](repeating: 1, count: count)
      for one in vocabulary { parts.tokens[one.id] = one.text }
      for one in added {
        parts.tokens[one.id] = one.text
        parts.kinds[one.id] = one.special ? 3 : 4
      }
      return parts
    }
  }

  /// What stays the same when added tokens that GGUF has no form for are left aside.
  private func check(_ whole: Whole, _ tokenizer: PipelineTokenizer, without marks: [String]) throws {
    var compared = 0
    // The golden vocabulary of words gives up on more than 12 characters, BERT's own on more than 100.
    for (text, ids) in whole.rows
    where !marks.contains(where: text.contains)
      && !text.split(separator: " ").contains(where: { $0.count > 12 })
    {
      #expect(try tokenizer.encode(text) == ids, "\(text.debugDescription)")
      compared += 1
    }
    #expect(compared > whole.rows.count / 2)
  }

  /// Byte pairs of pieces: a merge's rank is the score of what it makes, turned round.
  @Test func llama() throws {
    let whole = try Whole("llama2")
    var parts = try whole.parts("llama")
    parts.scores = parts.tokens.map { _ in -1e6 }
    for (rank, merge) in try #require(whole.document["model"]?["merges"]?.asArray).enumerated() {
      let halves = merge.asArray?.compactMap(\.asString) ?? TokenizerFile.halves(merge.asString ?? "")
      let made = try #require(parts.tokens.firstIndex(of: halves.joined()))
      parts.scores[made] = max(parts.scores[made], -Float(rank))
    }
    for (id, token) in parts.tokens.enumerated() where token.hasPrefix("<0x") { parts.kinds[id] = 6 }
    parts.kinds[0] = 2
    (parts.unknown, parts.begin, parts.end) = (0, 1, 2)
    let tokenizer = try parts.tokenizer()
    try check(whole, tokenizer, without: ["<x>", "hello", "<mask>"])
    #expect(tokenizer.around.before == [1] && tokenizer.around.after.isEmpty && tokenizer.endOfText == 2)
  }

  /// Word pieces: words begin with `▁` there, what goes on has nothing before it.
  @Test func bert() throws {
    let whole = try Whole("bert")
    var parts = try whole.parts("bert")
    parts.tokens = parts.tokens.map { token in
      if token.hasPrefix("[") && token.hasSuffix("]") && token.count > 1 { return token }
      return token.hasPrefix("##") ? String(token.dropFirst(2)) : "▁" + token
    }
    try check(whole, parts.tokenizer(), without: ["hap", "hello", "[MASK]", "<mask>", "<x>"])
  }

  @Test func whatIsNotKnownIsNamed() throws {
    var parts = GGMLTokenizer()
    parts.model = "llma"
    parts.tokens = ["a", "b"]
    expectFailure("llma") { _ = try parts.tokenizer() }
    parts.model = "gpt2"
    parts.pre = "smolm"
    expectFailure("smolm") { _ = try parts.tokenizer() }
    parts.pre = "smollm"
    parts.begin = 9
    expectFailure("bos_token_id") { _ = try parts.tokenizer() }
    parts.begin = nil
    parts.kinds = [1]
    expectFailure("token_type") { _ = try parts.tokenizer() }
  }
}
