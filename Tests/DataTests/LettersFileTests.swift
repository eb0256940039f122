import Options
import Testing

@testable import Data

@Suite struct LettersFileTests {
  @Test func lettersComeBackAsTheyWere() throws {
    for letters in [CharacterTokenizer.alphabet, CharacterTokenizer(letters: "\"\\\n ü😀a")] {
      let text = try #require(TokenizerFile.text(of: letters))
      let again = try TokenizerFile.open(Array(text.utf8))
      #expect(again as? CharacterTokenizer == letters)
    }
  }

  @Test func pairsAreReadByTheSameDoor() throws {
    let pairs = try BytePairTrainer(vocabularySize: 270).train(["a text with a few words in a text"])
    let text = try #require(TokenizerFile.text(of: pairs))
    let read = try #require(try TokenizerFile.open(Array(text.utf8)) as? PipelineTokenizer)
    for text in ["a text with words", " new\n\nwörds 12", ""] {
      #expect(try read.encode(text) == pairs.encode(text) && read.decode(pairs.encode(text)) == text)
    }
    #expect(read.name == pairs.name && read.endOfText == pairs.endOfText && read.specials == pairs.specials)
    #expect(TokenizerFile.text(of: read) == text)
  }

  @Test(arguments: [
    ("\"a\":0", "\"ab\":0"), ("\"a\":0", "\"a\":1"), ("\"a\":0", "\"a\":26"), ("\"a\":0", "\"a\":-1"),
    ("\"a\":0", "\"a\":null"), ("Split", "Whitespace"), ("Isolated", "Removed"),
    ("\"normalizer\":null", "\"normalizer\":{\"type\":\"Lowercase\"}"), ("\"vocab\":", "\"words\":"),
  ])
  func anythingElseIsRefused(_ part: String, _ other: String) {
    let text = TokenizerFile.text(CharacterTokenizer.alphabet).split(separator: part, maxSplits: 1)
    let broken = text.joined(separator: other)
    #expect(text.count == 2)
    #expect(throws: Failure.self) { try TokenizerFile.open(Array(broken.utf8)) }
  }

  @Test func rowsMayStartAnywhere() throws {
    var batch = try Batch([Example(ids: [1, 2, 3]), Example(ids: [4, 5])], pad: 0)
    #expect(batch.positions == [[0, 1, 2], [0, 0, 1]])
    batch.starts = [4, 16]
    #expect(batch.positions == [[4, 5, 6], [0, 16, 17]])
  }
}
