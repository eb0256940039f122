import Engine
import FileSystem
import Formats
import Options
import Testing
import TestSupport
import Training

@testable import Data
@testable import Notebook

/// `get` and `data tweets` on a folder that was prepared here: no network.
@Suite struct GetTests {
  @Test func whatIsThereIsNotFetchedAgain() throws {
    try TextBench.withTweets { places in
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
    try TextBench.withTweets { places in
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
    try TextBench.withTweets { places in
      try DiskFiles().write(places.tweets + "/train.tsv", text: "text\tlabel\nnew\tpositive\n")
      let bench = try TextBench.bench(places: places)
      let failure = try bench.failure("data tweets")
      #expect(
        failure.what.contains("was changed since it was prepared") && failure.cure == "Type: get tweets")
    }
  }
}
