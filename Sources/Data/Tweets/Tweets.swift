import FileSystem
import Options

/// Real short texts with human ratings, put apart for pretraining, fine-tuning and the final measurement.
///
/// Tweets whose mean rating is at least 1 are `positive`, at most −1 `negative`; the others have no label.
/// Groups of near-duplicates are drawn by a hash, never single texts, and nothing of a held-out group is in
/// the corpus: what a base has read says nothing about the tweets that it is measured on.
public struct Tweets: Sendable, Equatable {
  /// A text with its mean rating, from −4 to 4.
  public struct Rated: Sendable, Equatable {
    /// The text, in one line.
    public var text: String
    /// The mean of what people answered.
    public var rating: Double
    /// What each of them answered, from −4 to 4; empty where that is not known.
    public var scores: [Int]

    /// A text with its rating.
    public init(_ text: String, rating: Double, scores: [Int] = []) {
      (self.text, self.rating, self.scores) = (text, rating, scores)
    }

    /// The label, where the rating is clear.
    public var label: String? { rating >= 1 ? Tweets.words[0] : rating <= -1 ? Tweets.words[1] : nil }
  }

  /// The labels in the order of their classes.
  public static let words = ["positive", "negative"]
  /// The share of groups with a tweet that is held out.
  public static let heldOutShare = 0.2
  /// The share of the other groups that is held out, for bits per byte alone.
  public static let heldOutShareOfOthers = 0.03
  /// The share of what remains that is for choosing, not learning.
  public static let validationShare = 0.1

  /// What a base learns from: every text but those of held-out groups.
  public var corpus: [String]
  /// Labelled tweets to learn from.
  public var train: [LabelledText]
  /// Labelled tweets by which choices are made.
  public var validation: [LabelledText]
  /// Labelled tweets by which the result is measured.
  public var heldOut: [LabelledText]
  /// All texts of held-out groups, with a label or not: for a base's bits per byte.
  public var heldOutTexts: [String]
  /// Which of two tweets people find more positive.
  public var pairs = TweetPairs(training: [], heldOut: [])

  /// Puts rated tweets and other texts apart; the same texts give the same parts.
  public init(tweets: [Rated], others: [String]) {
    let texts = tweets.map(\.text) + others
    let near = NearDuplicates(texts)
    let withTweet = Set(tweets.indices.map { near.group[$0] })
    (corpus, train, validation, heldOut, heldOutTexts) = ([], [], [], [], [])
    for (i, text) in texts.enumerated() {
      let share = withTweet.contains(near.group[i]) ? Tweets.heldOutShare : Tweets.heldOutShareOfOthers
      let isHeldOut = near.draw(i) < share
      if isHeldOut { heldOutTexts.append(text) } else { corpus.append(text) }
      guard i < tweets.count, let label = tweets[i].label else { continue }
      let row = LabelledText(text, label: label)
      if isHeldOut {
        heldOut.append(row)
      } else if near.draw(i, salt: 0x5EED) < Tweets.validationShare {
        validation.append(row)
      } else {
        train.append(row)
      }
    }
    pairs = TweetPairs(tweets, isHeldOut: tweets.indices.map { near.draw($0) < Tweets.heldOutShare })
  }

  init(
    corpus: [String], train: [LabelledText], validation: [LabelledText], heldOut: [LabelledText],
    heldOutTexts: [String], pairs: TweetPairs = TweetPairs(training: [], heldOut: [])
  ) {
    self.pairs = pairs
    self.corpus = corpus
    self.train = train
    self.validation = validation
    self.heldOut = heldOut
    self.heldOutTexts = heldOutTexts
  }

  /// UTF-8 bytes of the corpus.
  public var corpusBytes: Int { corpus.reduce(0) { $0 + $1.utf8.count } }

  /// The labels as a set.
  public static func labels() throws -> LabelSet { try LabelSet(words) }
}

extension Tweets {
  /// Reads one of the package's rating files: id, mean rating, text, separated by tabs; lines end by CRLF.
  ///
  /// `raters` are each rater's answers by id. In the package, 199 tweets stand beside answers to other texts, which
  /// their means show: they get none.
  public static func rated(
    _ bytes: [UInt8], name: String, raters: [String: (mean: Double, scores: [Int])] = [:]
  ) throws -> [Rated] {
    let rows = DelimitedText.tabs(try UTF8Check.text(bytes, of: name))
    return try rows.map { row in
      guard row.fields.count == 3, let rating = Double(row.fields[1].trimmed), (-4.0...4.0).contains(rating)
      else {
        throw Failure("\(name): line \(row.line) is not an id, a rating from −4 to 4 and a text.")
      }
      let own = raters[row.fields[0]].flatMap { abs($0.mean - rating) < 1e-4 ? $0.scores : nil }
      return Rated(plain(row.fields[2]), rating: rating, scores: own ?? [])
    }
  }

  /// A text in one line, with the five entities that web pages write for letters put back.
  static func plain(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text.trimmed }
    var out = ""
    var rest = text[...]
    while let mark = rest.firstIndex(of: "&") {
      out += rest[..<mark]
      rest = rest[mark...]
      let found = entities.first { rest.hasPrefix($0.0) }
      out += found?.1 ?? "&"
      rest = rest.dropFirst(found?.0.count ?? 1)
    }
    return (out + rest).trimmed
  }

  private static let entities = [
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
  ]
}
