import Engine
import FileSystem
import Formats
import Options
import Testing
import TestSupport
import Training

@testable import Data
@testable import Notebook

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `get` and `data tweets` on a folder that was prepared here: no network.
@Suite struct GetTests {
  /// Made-up tweets in a folder of their own, which goes away afterwards.
  private func withTweets(_ body: (Places) throws -> Void) throws {
    let folder = "/tmp/graft-get-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let places = Places(data: folder, state: folder + "/state")
    defer { try? DiskFiles().removeAll(folder) }
    func rows(_ range: Range<Int>) -> [LabelledText] { range.map { TextBench.sentence($0) } }
    let tweets = Tweets(
      corpus: rows(0..<60).map(\.text), train: rows(0..<60), validation: rows(60..<72),
      heldOut: rows(72..<100),
      heldOutTexts: rows(72..<100).map(\.text))
    try DiskFiles().makeFolders(places.tweets)
    try TweetsFolder.write(tweets, attribution: "made up", to: places.tweets)
    try body(places)
  }

  @Test func whatIsThereIsNotFetchedAgain() throws {
    try withTweets { places in
      let bench = try TextBench.bench(places: places)
      let lines = try bench.run("get").split(separator: "\n")
      #expect(lines.contains { $0.contains("rated by people") && $0.hasSuffix(" here") })
      let text = try bench.run("get tweets")
      #expect(text.contains("here already") && text.contains("held out 28"))
      #expect(bench.session.timeline.entries.count == 2)
      #expect(try bench.failure("get twets").cure == "Did you mean “tweets”?")
    }
  }

  @Test func tweetsAreATask() throws {
    try withTweets { places in
      let bench = try TextBench.bench(places: places)
      let shown = try bench.run("data tweets rows=8")
      #expect(shown.contains("in all") && shown.contains("for example Tweet: the"))
      let source = try #require(bench.session.current().source as? LabelledBatches)
      #expect(source.texts(.heldout).count == 28 && source.task.labels.words == ["positive", "negative"])
      try bench.run("attach lora r=4")
      try bench.run("step 2")
      #expect(try bench.run("eval").contains("28 held-out texts of tweets"))
    }
  }

  @Test func whereNothingIsThere() throws {
    let bench = try TextBench.bench()
    let text = try bench.run("get")
    #expect(
      text.contains("not here: get tweets") && text.contains("not here: get digits")
        && text.contains("/nowhere/data"))
  }

  @Test func aChangedFileIsNotTrusted() throws {
    try withTweets { places in
      try DiskFiles().write(places.tweets + "/train.tsv", text: "text\tlabel\nnew\tpositive\n")
      let bench = try TextBench.bench(places: places)
      let failure = try bench.failure("data tweets")
      #expect(
        failure.what.contains("was changed since it was prepared") && failure.cure == "Type: get tweets")
    }
  }
}
