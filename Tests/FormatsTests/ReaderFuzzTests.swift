import Engine
import FileSystem
import Options
import TestSupport
import Testing

@testable import Data
@testable import Formats

/// Damaged files: every reader answers or throws a `Failure`; nothing traps or hangs.
///
/// 50,000 inputs a reader; `GRAFT_FUZZ=1000000` asks for more, `GRAFT_FUZZ_SEED` for others.
@Suite struct ReaderFuzzTests {
  private static let count = Places.variable("GRAFT_FUZZ").flatMap(Int.init) ?? 50_000
  private static let seed = Places.variable("GRAFT_FUZZ_SEED").flatMap(UInt64.init) ?? 1

  /// Reads damaged forms of some files; at least some must be refused, and some be read.
  private func fuzz(_ files: [[UInt8]], _ read: ([UInt8]) throws -> Void) {
    var damage = Damage(seed: Self.seed), refused = 0
    for i in 0..<Self.count {
      do { try read(damage.mutate(files[i % files.count])) } catch {
        if !(error is Failure) && !(error is EngineError) { Issue.record("\(error)") }
        refused += 1
      }
    }
    #expect(refused > Self.count / 10 && refused < Self.count, "\(refused) of \(Self.count) refused")
  }

  @Test func gguf() throws {
    var file = GGUFBytes()
    file.fact("general.architecture", "llama")
    for key in ["block_count", "embedding_length", "feed_forward_length", "attention.head_count"] {
      file.fact("llama." + key, UInt32(2))
    }
    file.fact("tokenizer.ggml.model", "gpt2")
    file.fact("tokenizer.ggml.tokens", ["a", "b", "ab", "</s>"])
    file.tensor("a.weight", [2, 4], 0, [UInt8](repeating: 1, count: 32))
    file.tensor("b.weight", [1, 32], 3, [UInt8](repeating: 60, count: 20))
    file.tensor("c.weight", [1, 256], 14, [UInt8](repeating: 7, count: 210))
    let bytes = file.bytes
    let whole = try GGUF(FileBytes(bytes), path: "x")
    #expect(whole.entries.count == 3)
    _ = try GGUFNames.of(whole).config(whole)
    _ = try whole.tokenizer()
    fuzz([bytes]) { bytes in
      let file = try GGUF(FileBytes(bytes), path: "x")
      for entry in file.entries { _ = try file.tensor(entry) }
      _ = try file.tokenizer()
      let names = try GGUFNames.of(file)
      _ = try names.config(file)
    }
  }

  @Test func safetensors() throws {
    let parts = [
      Safetensors.Part("a", [2, 3], floats: [1, 2, 3, 4, 5, 6]),
      Safetensors.Part("b", .f16, [2], bytes: [0, 60, 0, 60]),
    ]
    var bytes: [UInt8] = []
    try Safetensors.contents(parts)({ bytes += $0 })
    fuzz([bytes]) { bytes in
      let file = try Safetensors(FileBytes(bytes), path: "x")
      for entry in file.entries where entry.dtype.format != nil { _ = try file.tensor(entry) }
    }
  }

  @Test func tokenizerDocuments() throws {
    let files = Self.documents.map { Array($0.utf8) }
    for file in files { _ = try PipelineTokenizer(file).encode("a ab") }
    fuzz(files) { bytes in
      let tokenizer = try TokenizerFile.open(bytes)
      let ids = try tokenizer.encode("<s>aab B é\u{301}12 \u{597d}")
      _ = tokenizer.decode(ids)
      _ = tokenizer.decode([-1, 0, 1, 2, 3, 99])
    }
  }

  private static let documents = [
    #"{"added_tokens":[{"id":3,"content":"<s>","lstrip":true,"special":true}],"normalizer":{"type":"BertNormalizer"},"#
      + #""pre_tokenizer":{"type":"BertPreTokenizer"},"decoder":{"type":"WordPiece"},"#
      + #""model":{"type":"WordPiece","continuing_subword_prefix":"_","vocab":{"[UNK]":0,"a":1,"_b":2}}}"#,
    #"{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\s+(?!\\S)|[^\\s\\d]+|\\p{N}{1,3}"},"#
      + #""behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]},"decoder":{"type":"ByteLevel"},"#
      + #""model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"],"unk_token":"a","fuse_unk":true}}"#,
    #"{"normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Precompiled","precompiled_charsmap":"BAAAAAABAAB4AA=="},"#
      + #"{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]},"pre_tokenizer":{"type":"Metaspace","replacement":"▁"},"#
      + #""decoder":{"type":"Metaspace","replacement":"▁"},"model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"#
      + #""vocab":[["<unk>",0],["▁a",-1],["ab",-2.5],["▁",-3]]},"#
      + #""post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"x"}}],"#
      + #""special_tokens":{"x":{"ids":[1]}}}}"#,
  ]

  @Test func sentencePieces() throws {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(bytes.count)] + bytes
    }
    func piece(_ text: String, _ score: Float, _ kind: UInt8) -> [UInt8] {
      let bits = withUnsafeBytes(of: score.bitPattern.littleEndian) { Array($0) }
      return field(1, field(1, Array(text.utf8)) + [2 << 3 | 5] + bits + [3 << 3, kind])
    }
    let pieces =
      piece("<unk>", 0, 2) + piece("</s>", 0, 3) + piece("▁a", -1, 1) + piece("b", -2, 1)
      + piece("<0x41>", -3, 6)
      + piece("▁", -4, 1) + piece("a", -5, 1)
    let files = [1, 2].map { kind in
      pieces + field(2, [3 << 3, kind]) + field(3, field(2, [4, 0, 0, 0, 0, 4, 0, 0]) + [4 << 3, 1])
    }
    for file in files { #expect(try PieceFile(file, name: "x.spm").pieces.count == 7) }
    fuzz(files) { bytes in
      let tokenizer = try PipelineTokenizer(
        json: try PieceFile(bytes, name: "x.spm").document(TokenizerSettings()))
      _ = tokenizer.decode(try tokenizer.encode("a  ab A"))
    }
  }

  @Test func configurations() throws {
    let texts = [
      #"{"model_type":"gpt2","vocab_size":300,"n_positions":64,"n_embd":32,"n_layer":2,"n_head":4,"tie_word_embeddings":true}"#,
      #"{"model_type":"bert","vocab_size":300,"hidden_size":32,"num_hidden_layers":2,"num_attention_heads":4,"#
        + #""intermediate_size":64,"hidden_act":"gelu","id2label":{"0":"a","1":"b"}}"#,
      #"{"model_type":"vit","image_size":8,"patch_size":4,"hidden_size":32,"num_hidden_layers":1,"num_attention_heads":4}"#,
      #"{"model_type":"llama","vocab_size":300,"hidden_size":32,"num_hidden_layers":2,"num_attention_heads":4,"#
        + #""num_key_value_heads":2,"intermediate_size":64,"rope_scaling":{"rope_type":"linear","factor":2.0}}"#,
    ]
    fuzz(texts.map { Array($0.utf8) }) { bytes in
      let json = try JSON.parse(bytes, name: "config.json")
      guard let object = json.asObject, let type = object["model_type"]?.asString,
        let form = BaseForms.named(type)
      else {
        throw Failure("no architecture")
      }
      let made = try form.init(config: BaseConfig(object, path: "config.json"))
      _ = made.classes
    }
  }
}

/// A GGUF file, built by hand.
private struct GGUFBytes {
  private var facts: [UInt8] = [], infos: [UInt8] = [], numbers: [UInt8] = []
  private var factCount: UInt64 = 0, tensorCount: UInt64 = 0

  private func word<N: FixedWidthInteger>(_ n: N) -> [UInt8] {
    withUnsafeBytes(of: n.littleEndian) { Array($0) }
  }
  private func text(_ text: String) -> [UInt8] { word(UInt64(text.utf8.count)) + Array(text.utf8) }

  mutating func fact(_ key: String, _ value: String) { add(key, 8, text(value)) }
  mutating func fact(_ key: String, _ value: UInt32) { add(key, 4, word(value)) }
  mutating func fact(_ key: String, _ values: [String]) {
    add(key, 9, word(UInt32(8)) + word(UInt64(values.count)) + values.flatMap(text))
  }
  private mutating func add(_ key: String, _ kind: UInt32, _ value: [UInt8]) {
    facts += text(key) + word(kind) + value
    factCount += 1
  }

  mutating func tensor(_ name: String, _ shape: [Int], _ type: UInt32, _ bytes: [UInt8]) {
    infos +=
      text(name) + word(UInt32(shape.count)) + shape.reversed().flatMap { word(UInt64($0)) } + word(type)
    infos += word(UInt64(numbers.count))
    numbers += bytes + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
    tensorCount += 1
  }

  var bytes: [UInt8] {
    let head = Array("GGUF".utf8) + word(UInt32(3)) + word(tensorCount) + word(factCount) + facts + infos
    return head + [UInt8](repeating: 0, count: (32 - head.count % 32) % 32) + numbers
  }
}
