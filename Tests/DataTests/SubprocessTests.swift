import FileSystem
import Options
import Synchronization
import TestSupport
import Testing

@testable import Data

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let disk = DiskFiles()

@Suite struct SubprocessTests {
  @Test func outputAndStatusComeBack() throws {
    let outcome = try Subprocess(["sh", "-c", "echo out; echo err >&2; exit 3"]).run()
    #expect(outcome.status == 3)
    #expect(outcome.lastLines() == ["out", "err"])
    #expect(try Subprocess(["sh", "-c", "kill -9 $$"]).run().status == 137)
    let long = try Subprocess(["sh", "-c", "seq 1 100000; echo end"]).run()
    #expect(long.lastLines(2) == ["100000", "end"])
  }

  @Test func theEnvironmentIsAddedToAndTakenFrom() throws {
    let shell = ["sh", "-c", "echo ${GRAFT_X-none} ${HOME-none} ${PATH:+path}"]
    let outcome = try Subprocess(shell, environment: ["GRAFT_X": "x y", "HOME": nil]).run()
    #expect(outcome.lastLines() == ["x y none path"])
  }

  @Test func whatCannotStartSaysSo() {
    let error = #expect(throws: Failure.self) { try Subprocess(["no-such-program-here"]).run() }
    #expect(error?.what.hasPrefix("cannot start no-such-program-here") == true)
    #expect(throws: Failure.self) { try Subprocess([]).run() }
  }

  @Test func aClosureEndsItWithAllItStarted() throws {
    try withScratch { folder in
      let clock = ContinuousClock()
      var asked = 0
      let time = clock.measure {
        let error = #expect(throws: Failure.self) {
          try Subprocess(["sh", "-c", "sleep 30 & echo $! > \(folder)/pid; wait"]).run {
            asked += 1
            return asked > 3 && (try? disk.exists(folder + "/pid")) == true
          }
        }
        #expect(error?.what.contains("interrupted") == true)
      }
      #expect(time < .seconds(10))
      let child = pid_t(try disk.text(of: folder + "/pid").trimmed) ?? 0
      // The grandchild is ended too; give the system a moment to clear it away.
      for _ in 0..<100 where kill(child, 0) == 0 { usleep(10_000) }
      let state = (try? Subprocess(["ps", "-o", "stat=", "-p", "\(child)"]).run().output.trimmed) ?? ""
      #expect(state.isEmpty || state.hasPrefix("Z"))
    }
  }

  @Test func tooLongIsEnded() {
    let error = #expect(throws: Failure.self) { try Subprocess(["sleep", "30"], limit: 0).run() }
    #expect(error?.what.contains("longer than 0 s") == true)
  }
}

@Suite struct TweetsFetchTests {
  /// What three raters say of a text.
  private static func scores(_ i: Int) -> [Int] { [i % 5 - 2, i / 5 % 5 - 2, 1] }

  /// A package like the real one, made of made-up texts.
  private func archive(in folder: String) throws -> String {
    let top = "\(folder)/make/vaderSentiment-3.3.2"
    let inner = "\(folder)/make/hutto_ICWSM_2014"
    for path in [top + "/additional_resources", inner] { try disk.makeFolders(path) }
    try disk.write(top + "/LICENSE.txt", text: "A licence.")
    let tweets = Made.tweets(600).enumerated().map {
      "\($0.offset)\t\($0.element.rating)\t\($0.element.text)\r\n"
    }
    let others = Made.texts(60, salt: 4).enumerated().map { "\($0.offset)\t0.5\t\($0.element)\r\n" }
    let raters = Made.tweets(600).enumerated().map {
      "\($0.offset)\t\($0.element.rating)\t1.0\t\(Self.scores($0.offset))\r\n"
    }
    try disk.write("\(inner)/tweets_anonDataRatings.txt", text: raters.joined())
    for name in ["tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets"] {
      let text = (name == "tweets" ? tweets : others).joined()
      try disk.write("\(inner)/\(name)_GroundTruth.txt", text: text)
    }
    let path = "\(folder)/package.tar.gz"
    let small = top + "/additional_resources/hutto_ICWSM_2014.tar.gz"
    for words in [
      ["tar", "-czf", small, "-C", folder + "/make", "hutto_ICWSM_2014"],
      ["tar", "-czf", path, "-C", folder + "/make", "vaderSentiment-3.3.2"],
    ] {
      #expect(try Subprocess(words).run().status == 0)
    }
    return path
  }

  @Test func fetchesOnceAndThenNeedsNothing() throws {
    try withScratch { folder in
      let package = try archive(in: folder)
      let sum = SHA256.hex(try disk.contents(of: package))
      let places = Places(data: folder + "/data", state: folder + "/state")
      let empty = #expect(throws: Failure.self) { try Tweets.read(places) }
      #expect(empty?.cure == "Type: get tweets")
      let asked = Atomic<Int>(0)
      let fetch = TweetsFetch(places, checksum: sum) { program, interrupted in
        if program.words[0] == "tar" { return try program.run(interrupted: interrupted) }
        asked.add(1, ordering: .relaxed)
        if let place = program.words.firstIndex(of: "--dest") {
          try disk.write(
            program.words[place + 1] + "/vaderSentiment-3.3.2.tar.gz", bytes: try disk.contents(of: package))
        }
        return Subprocess.Outcome(status: 0, output: "")
      }
      var said: [String] = []
      let first = try fetch.fetch(say: { said.append($0) })
      #expect(asked.load(ordering: .relaxed) == 2 && said.count == 3)
      let made = Made.tweets(600)
      let others = [4, 4, 4].flatMap { Made.texts(60, salt: $0) }
      let rated = made.enumerated().map {
        Tweets.Rated($0.element.text.trimmed, rating: $0.element.rating, scores: Self.scores($0.offset))
      }
      #expect(first.pairs.training.count > 500 && first.pairs.heldOut.count > 50)
      #expect(first == Tweets(tweets: rated, others: others.map(\.trimmed)))
      let files = try disk.names(in: places.tweets)
      #expect(files.contains("ATTRIBUTION.txt") && files.count == 9)
      #expect(try disk.names(in: places.data) == ["downloads", "tweets"])
      // The tables open like any table.
      let table = try TextTable(path: places.tweets + "/held-out.tsv", format: .tsv)
      #expect(try table.labelled() == first.heldOut)
      // Again: nothing is run.
      #expect(try fetch.fetch() == first)
      // A changed file is noticed, and made anew from the kept archive.
      try disk.write(places.tweets + "/train.tsv", text: "text\tlabel\n")
      let changed = #expect(throws: Failure.self) { try Tweets.read(places) }
      #expect(changed?.what.contains("train.tsv was changed") == true)
      #expect(try fetch.fetch() == first)
      #expect(asked.load(ordering: .relaxed) == 2)
    }
  }

  @Test(arguments: [
    ("venv", "The virtual environment was not created because ensurepip is not available.", "python3-venv"),
    ("pip", "NewConnectionError: Temporary failure in name resolution", "network"),
    ("pip", "ERROR: No matching distribution found", "See what pip says"),
    ("start", "", "apt-get install python3 python3-venv"), ("sum", "", "Nothing was kept"),
  ])
  func whatGoesWrongNamesTheCure(_ step: String, _ output: String, _ cure: String) throws {
    try withScratch { folder in
      let places = Places(data: folder, state: folder)
      let fetch = TweetsFetch(places, checksum: "00") { program, _ in
        if program.words.contains("venv") {
          if step == "start" { throw Failure("cannot start python3: No such file or directory.") }
          return Subprocess.Outcome(status: step == "venv" ? 1 : 0, output: output)
        }
        if step == "sum", let place = program.words.firstIndex(of: "--dest") {
          try disk.write(program.words[place + 1] + "/vaderSentiment-3.3.2.tar.gz", bytes: [1])
        }
        return Subprocess.Outcome(status: step == "pip" ? 1 : 0, output: output)
      }
      let error = #expect(throws: Failure.self) { try fetch.fetch() }
      #expect(error?.cure.contains(cure) == true, "\(String(describing: error))")
      let left = try disk.names(in: folder)
      #expect(!left.contains("tweets") && !left.contains("downloads"), "\(left)")
    }
  }

  @Test func anInterruptEndsTheFetch() throws {
    try withScratch { folder in
      let fetch = TweetsFetch(Places(data: folder, state: folder), checksum: "00") { _, interrupted in
        try Subprocess(["sleep", "30"]).run(interrupted: interrupted)
      }
      let error = #expect(throws: Failure.self) { try fetch.fetch(interrupted: { true }) }
      #expect(error?.what.contains("interrupted") == true)
    }
  }
}
