import FileSystem
import Options
import Testing

@testable import Data

/// What Hugging Face's library makes of each part, from Scripts/golden_pipelines.py.
@Suite struct PipelineTests {
  private static let golden: JSON = {
    let path = GoldenTokenizer.folder.appendingPathComponent("pipelines.json").path
    return (try? JSON.read(path, files: .disk)) ?? .null
  }()
  private static func texts(_ json: JSON?) -> [String] { json?.asArray?.compactMap(\.asString) ?? [] }
  private static func ids(_ json: JSON?) -> [Int] { json?.asArray?.compactMap(\.asInteger) ?? [] }
  private static var lines: [String] { texts(golden["texts"]) }

  private func each(_ key: String, _ work: (JSONPlace, [JSON]) throws -> Void) throws {
    let list = try #require(Self.golden[key]?.asArray)
    #expect(list.count > 10)
    for (i, item) in list.enumerated() {
      try work(JSONPlace(item["part"] ?? .null, of: "\(key)[\(i)]"), try #require(item["out"]?.asArray))
    }
  }

  @Test func normalizersAgree() throws {
    try each("normalizers") { part, out in
      let step = try #require(try Normalizers.read(part))
      for (text, wanted) in zip(Self.lines, out) {
        let found = String(decoding: try step.normalize(Array(text.utf8)), as: UTF8.self)
        #expect(
          ExactText.same(found, wanted.asString ?? ""),
          "\(part["type"].text ?? "") \(text.debugDescription): \(found.debugDescription) for \(wanted)")
      }
    }
  }

  @Test func preTokenizersAgree() throws {
    try each("preTokenizers") { part, out in
      let form = try part.value?.text() ?? ""
      let step = try #require(try PreTokenizers.read(part))
      for (text, wanted) in zip(Self.lines, out) {
        var pieces = Pieces(Array(text.utf8), begins: true)
        try step.cut(&pieces)
        let found = pieces.cuts.map { String(decoding: pieces.bytes[$0], as: UTF8.self) }
        #expect(
          found.map(ExactText.init) == Self.texts(wanted).map(ExactText.init),
          "\(form) \(text.debugDescription): \(found) for \(Self.texts(wanted))")
      }
    }
  }

  @Test func decodersAgree() throws {
    let lists = (Self.golden["tokens"]?.asArray ?? []).map(Self.texts)
    try each("decoders") { part, out in
      let step = try #require(try Decoders.read(part))
      for (tokens, wanted) in zip(lists, out) {
        let found = String(
          decoding: Array(try step.decode(tokens.map { Array($0.utf8) }).joined()), as: UTF8.self)
        #expect(
          ExactText.same(found, wanted.asString ?? ""), "\(part["type"].text ?? "") \(tokens): \(found)")
      }
    }
  }

  @Test func wholeTokenizersAgree() throws {
    let list = try #require(Self.golden["whole"]?.asArray)
    #expect(list.count >= 8)
    for item in list {
      let name = item["name"]?.asString ?? ""
      let tokenizer = try PipelineTokenizer(Array(try #require(item["tokenizer"]).text().utf8))
      for (text, row) in zip(Self.lines, try #require(item["rows"]?.asArray)) {
        let ids = Self.ids(row["ids"])
        #expect(try tokenizer.encode(text) == ids, "\(name) \(text.debugDescription)")
        #expect(
          ExactText.same(tokenizer.decode(ids), row["back"]?.asString ?? ""),
          "\(name) \(tokenizer.decode(ids).debugDescription) for \(row["back"]?.asString?.debugDescription ?? "")"
        )
        #expect(
          ExactText.same(tokenizer.decode(ids, skipsSpecials: true), row["plain"]?.asString ?? ""), "\(name)")
        #expect(try tokenizer.encodeFramed(text) == Self.ids(row["framed"]), "\(name) framed")
        #expect(try tokenizer.encodeFramed(text, "two texts") == Self.ids(row["pair"]), "\(name) pair")
        var stream = StreamingText(tokenizer), streamed = ""
        for id in ids { streamed += stream.next(id) }
        streamed += stream.finish()
        let isWhole = !(row["back"]?.asString ?? "").contains("\u{FFFD}")
        if isWhole, name != "suffix" {
          #expect(
            ExactText.same(streamed, row["back"]?.asString ?? ""), "\(name) \(streamed.debugDescription)")
        }
      }
    }
  }

  /// Every scalar that there is, class by class.
  @Test func classesHoldTheSameScalars() throws {
    let tests: [String: (UInt32) -> Bool] = [
      "control": LetterClass.isBertControl, "nonspacing": LetterClass.isNonspacingMark,
      "mark": LetterClass.isMark,
      "punctuation": LetterClass.isPunctuation, "number": LetterClass.isNumber, "white": LetterClass.isWhite,
    ]
    for (name, value) in try #require(Self.golden["classes"]?.asObject).members.map({ ($0.key, $0.value) }) {
      var test = tests[name]
      if test == nil {
        let pattern = try ScalarPattern("\\A" + name + "\\z")
        test = { value in
          guard let scalar = Unicode.Scalar(value) else { return false }
          let bytes = Array(String(scalar).utf8)
          return (try? bytes.withUnsafeBufferPointer { try pattern.first(in: $0, 0..<bytes.count, from: 0) })
            != nil
        }
      }
      let ranges = (value.asArray ?? []).map(Self.ids)
      var at = 0, wrong: [String] = []
      for value in UInt32(0)..<0x110000 where !(0xD800..<0xE000).contains(value) {
        while at < ranges.count, Int(value) > ranges[at][1] { at += 1 }
        let wanted = at < ranges.count && Int(value) >= ranges[at][0]
        if test?(value) != wanted, name != "nonspacing" || wanted || Self.isStable(value) {
          wrong.append(String(value, radix: 16) + (wanted ? "+" : "-"))
        }
      }
      #expect(wrong.isEmpty, "\(name): \(wrong.count) \(wrong.prefix(40))")
    }
  }

  private static func isStable(_ value: UInt32) -> Bool {
    let bytes = Unicode.Scalar(value).map { Array(String($0).utf8) } ?? []
    return NormalForm.canonicalDecomposed.of(bytes) == bytes
  }

  /// Normal forms and lower case of every scalar, a checksum for each block of 256.
  @Test func normalFormsOfEveryScalarAgree() throws {
    let forms: [(String, ([UInt8]) -> [UInt8])] = [
      ("NFC", NormalForm.canonicalComposed.of), ("NFD", NormalForm.canonicalDecomposed.of),
      ("NFKC", NormalForm.compatibleComposed.of), ("NFKD", NormalForm.compatibleDecomposed.of),
      ("Lowercase", LowercaseNormalizer.lower),
    ]
    for (name, form) in forms {
      let blocks = try #require(Self.golden["blocks"]?[name]?.asObject)
      var wrong: [String] = []
      for block in blocks.members {
        let first = UInt32(block.key).map { 256 * $0 } ?? 0
        let lines = (first..<first + 256).compactMap(Unicode.Scalar.init).map { form(Array(String($0).utf8)) }
        let sum = SHA256.hex(Array(lines.joined(separator: [10]))).prefix(8)
        if sum != block.value.asString ?? "" { wrong.append(String(first, radix: 16)) }
      }
      #expect(wrong.isEmpty, "\(name): \(wrong)")
    }
  }

  @Test(arguments: [
    (#"{"normalizer":{"type":"NFX"},"model":{"vocab":{}}}"#, "NFX"),
    (#"{"pre_tokenizer":{"type":"Metaspce"},"model":{"vocab":{}}}"#, "Metaspace"),
    (#"{"model":{"type":"Trigram","vocab":[]}}"#, "Trigram"),
    (#"{"decoder":{"type":"CTC"},"model":{"type":"BPE","vocab":{},"merges":[]}}"#, "CTC"),
    (
      #"{"post_processor":{"type":"Tmplate"},"model":{"type":"BPE","vocab":{},"merges":[]}}"#,
      "post_processor"
    ),
    (#"{"model":{"type":"Unigram","vocab":[["a",0]],"unk_id":7}}"#, "model.unk_id"),
    (#"{"model":{"type":"Unigram","vocab":[["a"]]}}"#, "model.vocab[0]"),
    (#"{"model":{"type":"WordPiece","vocab":{"a":0}}}"#, "[UNK]"),
    (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}"#, "merges[0]"),
    (#"{"model":{"type":"BPE","vocab":{"a":99999999},"merges":[]}}"#, "model.vocab.a"),
    (#"{"model":{"type":"BPE","vocab":{},"merges":[],"dropout":0.1}}"#, "dropout"),
    (
      #"{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a*)*"},"behavior":"Isolated"},"model":{"vocab":{}}}"#,
      "repeated"
    ),
    (
      #"{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\p{Klingon}"},"behavior":"Isolated"},"model":{}}"#,
      "Klingon"
    ),
  ])
  func whatIsNotKnownIsNamed(_ text: String, _ word: String) {
    do {
      _ = try PipelineTokenizer(Array(text.utf8))
      Issue.record("no error for \(text)")
    } catch let error as Failure {
      #expect(error.description.contains(word), "\(error)")
    } catch { Issue.record("\(error)") }
  }

  @Test func aPatternThatTriesWithoutEndIsAnError() throws {
    let pattern = try ScalarPattern("(?:a|aa)+b")
    let bytes = [UInt8](repeating: 0x61, count: 400)
    #expect(throws: Failure.self) {
      try bytes.withUnsafeBufferPointer { try pattern.first(in: $0, 0..<bytes.count, from: 0) }
    }
  }
}
