import Foundation
import Testing

@testable import Data

/// The real fetch, which needs the network; off unless GRAFT_TEST_FETCH names a data folder:
///
///     GRAFT_TEST_FETCH=/tmp/data swift test --filter RealFetchTests
@Suite(.enabled(if: Places.variable("GRAFT_TEST_FETCH") != nil)) struct RealFetchTests {
  @Test func theRealTweetsAreThoseOfThePaper() throws {
    let folder = try #require(Places.variable("GRAFT_TEST_FETCH"))
    let places = Places(data: folder, state: folder)
    let clock = ContinuousClock()
    var said: [String] = []
    var tweets = try TweetsFetch(places).fetch(say: { said.append($0) })
    let again = try clock.measure { tweets = try TweetsFetch(places).fetch() }
    let all = tweets.train + tweets.validation + tweets.heldOut
    #expect(all.filter { $0.label == "positive" }.count == 1830)
    #expect(all.filter { $0.label == "negative" }.count == 837)
    #expect(tweets.heldOut.count >= 450)
    for word in Tweets.words { #expect(tweets.heldOut.filter { $0.label == word }.count >= 130) }
    let held = Set(tweets.heldOutTexts.map { NearDuplicates.normalised($0) })
    #expect(held.isDisjoint(with: tweets.corpus.map { NearDuplicates.normalised($0) }))
    for (name, rows) in [
      ("train", tweets.train), ("validation", tweets.validation), ("held-out", tweets.heldOut),
    ] {
      let counts = Tweets.words.map { word in rows.filter { $0.label == word }.count }
      print("\(name): \(rows.count) (\(counts[0]) positive, \(counts[1]) negative)")
    }
    let heldBytes = tweets.heldOutTexts.reduce(0) { $0 + $1.utf8.count }
    print("corpus: \(tweets.corpus.count) texts, \(tweets.corpusBytes) bytes")
    print("held out: \(tweets.heldOutTexts.count) texts, \(heldBytes) bytes")
    print("said: \(said); reading them again took \(again)")
    try vocabulary(tweets, folder)
  }

  @Test func theRealPicturesAreWhole() throws {
    let folder = try #require(Places.variable("GRAFT_TEST_FETCH"))
    for set in PictureSet.allCases {
      let clock = ContinuousClock(), places = Places(data: folder, state: folder)
      var parts = try PictureFetch(set, places).fetch(say: { print($0) })
      let again = try clock.measure { parts = try set.read(places) }
      let all = [parts.train, parts.validation, parts.heldOut]
      #expect(all.map(\.count) == (set == .fashion ? [54_000, 6_000, 10_000] : [3_500, 500, 1_000]))
      #expect(all.allSatisfy { $0.height == 28 && $0.width == 28 && Set($0.choices).count == 10 })
      print("\(set): reading it again took \(again)")
    }
  }

  private func vocabulary(_ tweets: Tweets, _ folder: String) throws {
    let clock = ContinuousClock()
    var tokenizer = try BytePairTrainer(vocabularySize: 300).train(["a"])
    let learning = try clock.measure {
      tokenizer = try BytePairTrainer(vocabularySize: 1024).train(tweets.corpus)
    }
    #expect(tokenizer.vocabularySize == 1024)
    #expect(learning < .seconds(10))
    var corpus = try Corpus(["a"], tokenizer: tokenizer, context: 64)
    let encoding = try clock.measure { corpus = try Corpus(tweets.corpus, tokenizer: tokenizer, context: 64) }
    let ratio = Double(corpus.bytes) / Double(corpus.ids.count)
    print("1024 tokens learnt in \(learning), corpus encoded in \(encoding)")
    print("\(corpus.ids.count) tokens, \(ratio) bytes each")
    try TokenizerFile.write(tokenizer, to: folder + "/tokenizer.json")
  }
}
