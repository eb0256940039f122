import FileSystem
import Options

/// Which of two tweets people find more positive, made from what each rater answered.
///
///     agreement = share of rater pairs (one of each tweet) who rate the chosen one higher; equal answers count half
///
/// Both tweets of a pair are of one part, so held-out pairs hold no text that is learnt from.
public struct TweetPairs: Sendable, Equatable {
  /// Pairs to learn from.
  public var training: [PreferencePair]
  /// Pairs to measure on.
  public var heldOut: [PreferencePair]

  /// Pairs that are known.
  public init(training: [PreferencePair], heldOut: [PreferencePair]) {
    (self.training, self.heldOut) = (training, heldOut)
  }

  /// How many pairs each tweet begins.
  public static let pairsEach = 2

  /// Pairs of rated tweets; each tweet meets others drawn by its place. Those without raters, and pairs that divide
  /// raters evenly, are left out.
  public init(_ tweets: [Tweets.Rated], isHeldOut: [Bool]) {
    func pairs(_ wanted: Bool) -> [PreferencePair] {
      let own = tweets.indices.filter { isHeldOut[$0] == wanted && !tweets[$0].scores.isEmpty }
      var found: [PreferencePair] = []
      for round in 0..<Self.pairsEach {
        for (place, one) in own.enumerated() {
          let other = own[CountedChance.number(below: own.count, 0x7A1E, place, round)]
          if other != one, let pair = Self.pair(tweets[one], tweets[other]) { found.append(pair) }
        }
      }
      return found
    }
    self.init(training: pairs(false), heldOut: pairs(true))
  }

  /// Two tweets in order; nil where as many raters say the one as the other.
  static func pair(_ a: Tweets.Rated, _ b: Tweets.Rated) -> PreferencePair? {
    let share = agreement(a.scores, b.scores)
    guard share != 0.5, a.text != b.text else { return nil }
    let (high, low) = share > 0.5 ? (a, b) : (b, a)
    func mean(_ x: [Int]) -> Double { Double(x.reduce(0, +)) / Double(x.count) }
    func rounded(_ x: Double) -> Double { (x * 10_000).rounded() / 10_000 }
    return PreferencePair(
      prompt: "", chosen: high.text, rejected: low.text,
      Preference(
        agreement: rounded(max(share, 1 - share)), margin: rounded(mean(high.scores) - mean(low.scores))))
  }

  /// The share of rater pairs who rate a higher than b, equal answers half.
  static func agreement(_ a: [Int], _ b: [Int]) -> Double {
    var sum = 0
    for x in a { for y in b { sum += x > y ? 2 : x == y ? 1 : 0 } }
    return Double(sum) / Double(2 * a.count * b.count)
  }

  /// Reads the prepared pairs; throws with `get tweets` as the cure where they are not there.
  public static func read(_ places: Places) throws -> TweetPairs { try Tweets.read(places).pairs }
}

extension Tweets {
  /// Each rater's answers by the id of a text, with their mean: id, mean, deviation, `[2, 3, …]`, separated by tabs.
  static func raters(_ bytes: [UInt8], name: String) throws -> [String: (mean: Double, scores: [Int])] {
    var found: [String: (mean: Double, scores: [Int])] = [:]
    for row in DelimitedText.tabs(try UTF8Check.text(bytes, of: name)) {
      let scores = row.fields.last.map { $0.split { !$0.isNumber && $0 != "-" }.map { Int($0) } } ?? []
      guard row.fields.count == 4, let mean = Double(row.fields[1].trimmed), !scores.isEmpty,
        scores.allSatisfy({ $0.map((-4...4).contains) == true })
      else {
        throw Failure("\(name): line \(row.line) is not an id, two numbers and a list of ratings.")
      }
      found[row.fields[0]] = (mean, scores.compactMap { $0 })
    }
    return found
  }
}
