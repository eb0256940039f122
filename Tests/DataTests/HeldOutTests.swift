import FileSystem
import Foundation
import Testing

@testable import Data

/// What a base learns from holds nothing that tweets are measured on: for made-up texts always, for the real ones
/// where they were fetched (`get tweets`, or GRAFT_HOME at a place that has them).
@Suite struct HeldOutTests {
  private static let fetched = try? Tweets.read(Places())

  /// Puts corpus and held-out texts together again and looks for near-duplicates across the border.
  private func expectApart(_ tweets: Tweets) {
    let near = NearDuplicates(tweets.corpus + tweets.heldOutTexts)
    let read = Set(near.group[..<tweets.corpus.count])
    let across = tweets.heldOutTexts.indices.filter { read.contains(near.group[tweets.corpus.count + $0]) }
    #expect(across.isEmpty, "in the corpus as well: \(across.prefix(3).map { tweets.heldOutTexts[$0] })")
    // Every text with a label is on the side of the border that its part says.
    #expect(Set(tweets.heldOutTexts).isSuperset(of: tweets.heldOut.map(\.text)))
    #expect(Set(tweets.corpus).isSuperset(of: (tweets.train + tweets.validation).map(\.text)))
  }

  @Test func madeUpTextsStayApartThroughTheFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "held-out-\(UUID().uuidString)").path
    try DiskFiles().makeFolders(folder)
    defer { try? DiskFiles().removeAll(folder) }
    // What a file cannot hold in a line, and copies that differ only in what does not matter.
    let odd = Made.tweets(300).map { Tweets.Rated("\u{7}" + $0.text + "\u{b}", rating: $0.rating) }
    let copies = Made.tweets(1200).map { "@someone: " + $0.text.uppercased() + "!" }
    let parts = Tweets(tweets: Made.tweets(1200) + odd, others: copies)
    #expect(!parts.heldOut.isEmpty && !parts.corpus.isEmpty)
    try TweetsFolder.write(parts, attribution: "made up", to: folder)
    expectApart(try TweetsFolder.read(folder))
  }

  @Test func aCopyAcrossTheBorderIsFound() throws {
    let tweets = Tweets(tweets: Made.tweets(500), others: [])
    let near = NearDuplicates(tweets.corpus + tweets.heldOutTexts + ["SO: " + tweets.heldOutTexts[0] + "!!"])
    let copied = near.group[near.group.count - 1]
    #expect(copied == near.group[tweets.corpus.count])
    #expect(!near.group[..<tweets.corpus.count].contains(copied))
  }

  @Test(.enabled(if: fetched != nil)) func theRealTweetsStayApart() throws {
    expectApart(try #require(Self.fetched))
  }

  /// The vocabulary of the committed base is the one that the corpus alone gives.
  @Test(.enabled(if: fetched != nil)) func theBasesVocabularyIsThatOfTheCorpus() throws {
    let tweets = try #require(Self.fetched)
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let committed = try TokenizerFile.read(root.appending(path: "lessons/models/reviews/tokenizer.json").path)
    let learnt = try BytePairTrainer(vocabularySize: committed.vocabularySize).train(tweets.corpus)
    #expect(committed == learnt)
  }
}
