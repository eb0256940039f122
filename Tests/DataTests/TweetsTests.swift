import Options
import Testing

@testable import Data

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct TweetsTests {
  @Test func normalisingTakesAwayWhatDoesNotMatter() {
    let same = [
      "Yay. Another GOOD day!!", "yay another good day", "@someone yay: another good day http://x.y/z?q",
    ]
    #expect(Set(same.map { NearDuplicates.normalised($0) }) == ["yayanothergoodday"])
    #expect(
      NearDuplicates.words("at 18:45 with 120l, see(www.a.b) @a_b1!c") == [
        "at", "0", "0", "with", "0l", "see", "c",
      ])
    #expect(NearDuplicates.normalised("@anonymous :-)") == "")
  }

  @Test func nearDuplicatesComeTogether() {
    let texts = [
      "running late sucks", "nothing like it at all", "DAMN!! running late really SUCKS!!",
      "Damn, running late sucks.",
      "running a shop is fun", "Nothing like it, at all...", ":)", "@x ;-(",
    ]
    let near = NearDuplicates(texts)
    #expect(near.group == [0, 1, 0, 0, 4, 1, 6, 6])
    #expect(near.groups == 4)
    #expect(near.key[0] == near.key[2] && near.key[0] != near.key[1])
    #expect((0..<8).allSatisfy { (0..<1).contains(near.draw($0)) })
    #expect(NearDuplicates([]).groups == 0)
  }

  @Test func theFilterMissesNoPair() {
    let texts = Made.texts(400)
    let near = NearDuplicates(texts, likeness: 0.5)
    let sets = texts.map { Set(NearDuplicates.words($0)) }
    var pairs = 0
    for i in texts.indices {
      for j in 0..<i
      where Double(sets[i].intersection(sets[j]).count) >= 0.5 * Double(sets[i].union(sets[j]).count) {
        #expect(near.group[i] == near.group[j])
        pairs += 1
      }
    }
    #expect(pairs > 50)
  }

  @Test func nothingOfTheHeldOutIsInTheCorpus() {
    let tweets = Made.tweets(1500)
    let others = Made.texts(500, salt: 9) + tweets[..<50].map { $0.text.uppercased() + "!!" }
    let parts = Tweets(tweets: tweets, others: others)
    let held = Set((parts.heldOutTexts + parts.heldOut.map(\.text)).map { NearDuplicates.normalised($0) })
    let read = parts.corpus + parts.train.map(\.text) + parts.validation.map(\.text)
    #expect(held.isDisjoint(with: read.map { NearDuplicates.normalised($0) }))
    // Nor anything with nearly the same words.
    let heldSets = parts.heldOut.map { Set(NearDuplicates.words($0.text)) }
    for text in parts.corpus {
      let words = Set(NearDuplicates.words(text))
      let alike = heldSets.contains {
        Double($0.intersection(words).count) >= 0.6 * Double($0.union(words).count)
      }
      #expect(!alike, "\(text)")
    }
    let validation = Set(parts.validation.map { NearDuplicates.normalised($0.text) })
    #expect(validation.isDisjoint(with: parts.train.map { NearDuplicates.normalised($0.text) }))
    // Everything is somewhere, once, and all parts are there.
    #expect(parts.corpus.count + parts.heldOutTexts.count == tweets.count + others.count)
    let labelled = parts.train.count + parts.validation.count + parts.heldOut.count
    #expect(labelled == tweets.filter { $0.label != nil }.count)
    for word in Tweets.words { #expect(parts.heldOut.contains { $0.label == word }) }
    #expect(parts.validation.count > 20 && parts.train.count > parts.heldOut.count)
    #expect(parts == Tweets(tweets: tweets, others: others))
  }

  @Test func ratingFilesAreRead() throws {
    let rows = try Tweets.rated(
      Array("1\t2.5\tlove it &lt;3 &amp; you\r\n2\t-1\tno\r\n3\t0.9\tso so".utf8), name: "t")
    #expect(rows.map(\.text) == ["love it <3 & you", "no", "so so"])
    #expect(rows.map(\.label) == ["positive", "negative", nil])
    for wrong in ["1\t2\n", "1\tx\ttext\n", "1\t9\ttext\n", "1\tnan\ttext\n"] {
      let error = #expect(throws: Failure.self) { try Tweets.rated(Array(wrong.utf8), name: "t") }
      #expect(error?.what.contains("line 1") == true)
    }
  }

  @Test func placesFollowTheEnvironment() throws {
    func places(_ variables: [String: String]) throws -> Places { try Places { variables[$0] } }
    #expect(try places(["GRAFT_HOME": "/g/", "HOME": "/h"]) == Places(data: "/g/data", state: "/g/state"))
    let usual = Places(data: "/h/.local/share/graft", state: "/h/.local/state/graft")
    #expect(try places(["HOME": "/h"]) == usual)
    #expect(try places(["HOME": "/h", "XDG_DATA_HOME": "relative"]) == usual)
    let moved = try places(["HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s/"])
    #expect(moved == Places(data: "/d/graft", state: "/s/graft"))
    #expect(throws: Failure.self) { try places([:]) }
  }
}

/// Made-up texts with many near-duplicates among them.
enum Made {
  private static let things = [
    "garden", "rain", "fruit", "tree", "shoot", "root", "summer", "frost", "bee", "apple",
  ]
  private static let moods = ["love", "hate", "like", "fear", "miss", "want"]
  private static let ends = [
    "so much", "today", "again and again", "in the morning", "with all my heart", "!!!", "",
  ]

  static func texts(_ count: Int, salt: Int = 0) -> [String] {
    (0..<count).map { i in
      func pick(_ words: [String], _ k: Int) -> String {
        words[CountedChance.number(below: words.count, salt, i, k)]
      }
      let number = CountedChance.number(below: 40, salt, i, 9)
      let start = "i \(pick(moods, 0)) the \(pick(things, 1)) and \(pick(things, 2))"
      let text = "\(start) number\(letters(number)) \(pick(ends, 3))"
      return i % 3 == 0 ? text.uppercased() : text
    }
  }

  static func tweets(_ count: Int) -> [Tweets.Rated] {
    texts(count, salt: 1).enumerated().map { i, text in
      let words = "\(letters(i * 7919)) \(letters(i * 104_729)) \(letters(i * 31)) \(letters(i))"
      return Tweets.Rated(i % 2 == 0 ? text : words + " " + text, rating: Double(i % 7) - 3)
    }
  }

  /// A number as a word of letters.
  private static func letters(_ number: Int) -> String {
    String(decoding: String(number).utf8.map { $0 - UInt8(ascii: "0") + UInt8(ascii: "a") }, as: UTF8.self)
  }
}
