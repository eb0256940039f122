import FileSystem
import Options
import Testing

@testable import Data

@Suite struct TokenizerTests {
  @Test func lettersHaveTheIdsOfTheirPlaces() throws {
    let letters = CharacterTokenizer.alphabet
    #expect(letters.vocabularySize == 26)
    #expect(try letters.encode("abz") == [0, 1, 25])
    #expect(letters.decode([4, 6, 99, -1]) == "eg")
    #expect(letters.name == "letters a–z")
    #expect(throws: Failure.self) { try letters.encode("aB") }
  }

  @Test func goldenTextsHaveHuggingFacesIds() throws {
    let golden = try GoldenTokenizer.read()
    let tokenizer = try TokenizerFile.read(GoldenTokenizer.path)
    #expect(tokenizer.vocabularySize == 400)
    #expect(tokenizer.endOfText == 0)
    #expect(tokenizer.specials == [0])
    for row in golden.cases {
      #expect(tokenizer.encode(row.text) == row.ids, "\(row.text.debugDescription)")
      #expect(Array(tokenizer.decode(row.ids).utf8) == Array(row.back.utf8))
      #expect(Array(tokenizer.decode(row.ids).utf8) == Array(row.text.utf8))
    }
    #expect(tokenizer.encode(golden.cases.map(\.text)) == golden.cases.map(\.ids))
  }

  @Test func singleDigitsAreCutAsHuggingFaceCutsThem() throws {
    let tokenizer = try GoldenTokenizer.digitsTokenizer()
    for row in try GoldenTokenizer.read().digits {
      #expect(tokenizer.encode(row.text) == row.ids, "\(row.text.debugDescription)")
    }
  }

  @Test func cutLettersDecodeToReplacementCharacters() throws {
    let tokenizer = try TokenizerFile.read(GoldenTokenizer.path)
    for cut in try GoldenTokenizer.read().cuts {
      #expect(tokenizer.decode(cut.ids) == cut.back, "\(cut.ids)")
    }
    #expect(tokenizer.decode([-1, 400, 1 << 40]) == "")
  }

  @Test func learnsTheMergesThatHuggingFaceLearns() throws {
    let golden = try GoldenTokenizer.read()
    let learnt = try BytePairTrainer(vocabularySize: 400).train(golden.sample)
    #expect(learnt == (try TokenizerFile.read(GoldenTokenizer.path)))
  }

  @Test func writesTheBytesThatHuggingFaceWrites() throws {
    let bytes = try DiskFiles().contents(of: GoldenTokenizer.path)
    let tokenizer = try TokenizerFile.parse(bytes)
    #expect(Array(TokenizerFile.text(tokenizer).utf8) == bytes)
    let digits = try GoldenTokenizer.digitsTokenizer()
    #expect(try TokenizerFile.parse(Array(TokenizerFile.text(digits).utf8)) == digits)
  }

  @Test func aLongWordTakesNoLongTime() throws {
    let tokenizer = try BytePairTokenizer.garden()
    let word = String(repeating: "fruitful", count: 50_000)
    let clock = ContinuousClock()
    var ids: [Int] = []
    let time = clock.measure { ids = tokenizer.encode(word) }
    #expect(time < .seconds(5))
    #expect(tokenizer.decode(ids) == word)
  }

  @Test func tokensAreShownVisibly() throws {
    let tokenizer = try TokenizerFile.read(GoldenTokenizer.path)
    let shown = tokenizer.encode(" \n🌱").map { tokenizer.token($0) }
    #expect(shown.joined().hasPrefix("␣\\n"))
    #expect(visible([0x20, 0x61, 0xE2, 0x0A, 0x09]) == "␣a\\xE2\\n\\t")
    #expect(tokenizer.token(9999) == "")
  }

  @Test func theTrainerNamesWhatCannotBe() throws {
    #expect(throws: Failure.self) { try BytePairTrainer(vocabularySize: 100).train(["a"]) }
    #expect(throws: Failure.self) {
      try BytePairTrainer(vocabularySize: 300, specials: ["a", "a"]).train(["a"])
    }
    // A text with nothing left to merge ends early.
    #expect(try BytePairTrainer(vocabularySize: 300).train(["ab"]).vocabularySize == 258)
    #expect(throws: Failure.self) {
      try BytePairTrainer(vocabularySize: 300).train(gardenTexts, interrupted: { true })
    }
  }

  @Test(arguments: [
    ("{", "not JSON"), ("{}", "model.vocab"), ("[1]", "model.vocab"), ("3", "model.vocab"),
    (#"{"model":{"vocab":{"a":-1}}}"#, "model.vocab.a"),
    (#"{"model":{"vocab":{"a":99999999}}}"#, "model.vocab.a"),
    (#"{"model":{"vocab":{"a":true}}}"#, "model.vocab.a"),
    (#"{"model":{"vocab":{"a":1.5}}}"#, "model.vocab.a"),
    (#"{"model":{"vocab":{"a":0,"b":0}}}"#, "given twice"), (#"{"model":{"type":"Unigram"}}"#, "model.type"),
    (#"{"model":{"vocab":{"a":0},"merges":["a b"]}}"#, "merges[0]"),
    (#"{"model":{"vocab":{"a":0},"merges":[["a"]]}}"#, "merges[0]"),
    (#"{"model":{"vocab":{"a":0},"merges":3}}"#, "merges"), (#"{"normalizer":{"type":"NFC"}}"#, "normalizer"),
    (#"{"model":{"vocab":{"a":0}},"added_tokens":[{"id":"x"}]}"#, "added_tokens[0].id"),
    (#"{"model":{"vocab":{"a":0}},"added_tokens":[{"id":1}]}"#, "added_tokens[0].content"),
    (#"{"model":{"vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Metaspace"}}"#, "pre_tokenizer.type"),
  ])
  func malformedFilesNameTheKey(_ text: String, _ key: String) throws {
    do {
      _ = try TokenizerFile.parse(Array(text.utf8))
      Issue.record("no error for \(text)")
    } catch let error as Failure {
      #expect(error.description.contains(key), "\(error)")
    }
  }

  @Test func mergesAreReadInBothForms() throws {
    let golden = String(decoding: try DiskFiles().contents(of: GoldenTokenizer.path), as: UTF8.self)
    let expected = try TokenizerFile.parse(Array(golden.utf8))
    var old = golden
    let range = try #require(old.range(of: "\"merges\":["))
    let merges = old[range.upperBound...].replacing("\",\"", with: " ").replacing("[\"", with: "\"")
      .replacing("\"]", with: "\"")
    old = String(old[..<range.upperBound]) + merges
    #expect(old.contains("\"merges\":[\""))
    #expect(try TokenizerFile.parse(Array(old.utf8)) == expected)
  }

  /// The Ohm sign and omega are one `String` to Swift, and two tokens.
  @Test func tokensAreToldApartByTheirBytes() throws {
    func read(_ x: String, _ y: String) throws -> BytePairTokenizer {
      let text = """
        {"added_tokens":[{"id":5,"content":"\(x)!"},{"id":6,"content":"\(y)!"}],
         "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
         "model":{"vocab":{"\(x)":0,"\(y)":1,"a":2,"a\(x)":3,"a\(y)":4},"merges":["a \(y)","a \(x)"]}}
        """
      return try TokenizerFile.parse(Array(text.utf8))
    }
    let ohm = "\u{2126}", omega = "\u{3a9}"
    #expect(ohm == omega)
    let one = try read(ohm, omega), other = try read(omega, ohm)
    #expect(one.merges.map(\.right) == [1, 0] && other.merges.map(\.right) == [1, 0])
    #expect(one.encode(ohm + "!") == [5] && one.encode(omega + "!") == [6])
    #expect(other.encode(ohm + "!") == [6] && other.encode(omega + "!") == [5])
    #expect(Array(one.decode([0, 1, 4]).utf8) == Array("\(ohm)\(omega)a\(omega)".utf8))
    #expect(one != other)
    #expect(try TokenizerFile.parse(Array(TokenizerFile.text(one).utf8)) == one)
    let missing = #"{"model":{"vocab":{"a":0,"\#(ohm)":1,"a\#(ohm)":2},"merges":["a \#(omega)"]}}"#
    #expect(throws: Failure.self) { try TokenizerFile.parse(Array(missing.utf8)) }
  }

  /// A space and an accent after it are one `Character` to Swift; in a merge the space still parts two tokens.
  @Test func aMergeIsPartedAtItsSpace() throws {
    let accent = "\u{301}"
    let text =
      #"{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"#
      + #""model":{"vocab":{"a":0,"\#(accent)":1,"a\#(accent)":2},"merges":["a \#(accent)"]}}"#
    let merge = try TokenizerFile.parse(Array(text.utf8)).merges[0]
    #expect(merge.left == 0 && merge.right == 1)
  }
}
