import FileSystem
import Options

/// Learns the merges of a byte-level byte-pair encoding from texts.
///
/// Again and again the most frequent pair of neighbours within words becomes a new token; of equally frequent
/// pairs the one with the smallest ids. The same texts give the same merges everywhere.
public struct BytePairTrainer: Sendable {
  /// How many tokens there shall be: special tokens, 256 bytes, and merges.
  public var vocabularySize: Int
  /// Special tokens; they take the first ids.
  public var specials: [String]

  /// A trainer for a vocabulary; the first special token is taken as the end of a text.
  public init(vocabularySize: Int, specials: [String] = ["<|endoftext|>"]) {
    self.vocabularySize = vocabularySize
    self.specials = specials
  }

  /// Learns from texts; `interrupted` is asked once a merge, and a true answer ends the work with an error.
  public func train(_ texts: [String], interrupted: () -> Bool = { false }) throws -> BytePairTokenizer {
    let least = specials.count + 256
    guard vocabularySize >= least, vocabularySize <= 1 << 20 else {
      throw Failure(
        "a byte-pair vocabulary of \(vocabularySize) cannot be.",
        cure: "It needs from \(least) (the bytes and special tokens) to \(1 << 20).")
    }
    guard Set(specials.map(ExactText.init)).count == specials.count, !specials.contains("") else {
      throw Failure("a special token is empty or named twice: \(specials.joined(separator: " ")).")
    }
    var state = Merging(texts, specials: specials)
    while state.tokens.count < vocabularySize, let pair = state.mostFrequentPair() {
      if interrupted() { throw Failure("training of the tokenizer was interrupted.") }
      state.merge(pair)
    }
    let added = specials.enumerated().map {
      BytePairTokenizer.Added(id: $0.offset, content: $0.element, special: true)
    }
    var tokenizer = BytePairTokenizer(vocabulary: state.tokens, merges: state.merges, added: added)
    if !specials.isEmpty { tokenizer.endOfText = 0 }
    return tokenizer
  }
}

/// The words of the texts while pairs are being merged.
private struct Merging {
  var tokens: [String]
  var merges: [(left: Int, right: Int, joined: Int)] = []
  private var ids: [ExactText: Int] = [:]
  private var words: [(symbols: [Int], count: Int)] = []
  private var counts: [UInt64: Int] = [:]
  /// Words that held a pair at some time; stale entries do no harm.
  private var places: [UInt64: Set<Int>] = [:]

  init(_ texts: [String], specials: [String]) {
    tokens = specials + ByteAlphabet.order.map { ByteAlphabet.text([$0]) }
    var byteIds = [Int](repeating: 0, count: 256)
    for (i, byte) in ByteAlphabet.order.enumerated() { byteIds[Int(byte)] = specials.count + i }
    for (id, token) in tokens.enumerated() { ids[ExactText(token)] = id }
    let found = Merging.countWords(texts)
    words.reserveCapacity(found.count)
    for (word, count) in found { words.append((word.map { byteIds[Int($0)] }, count)) }
    for i in words.indices { count(i, sign: 1) }
  }

  /// Distinct words with how often they come, in the order of their first appearance.
  private static func countWords(_ texts: [String]) -> [(word: [UInt8], count: Int)] {
    var place: [[UInt8]: Int] = [:]
    var found: [(word: [UInt8], count: Int)] = []
    let pattern = WordPattern()
    for text in texts {
      let bytes = Array(text.utf8)
      for range in pattern.words(in: text) {
        let word = Array(bytes[range])
        if let i = place[word] {
          found[i].count += 1
        } else {
          place[word] = found.count
          found.append((word, 1))
        }
      }
    }
    return found
  }

  /// Adds (or takes away) the pairs of one word.
  private mutating func count(_ i: Int, sign: Int) {
    let symbols = words[i].symbols
    guard symbols.count > 1 else { return }
    for k in 1..<symbols.count {
      let key = Pair.key(symbols[k - 1], symbols[k])
      let sum = (counts[key] ?? 0) + sign * words[i].count
      counts[key] = sum == 0 ? nil : sum
      if sign > 0 { places[key, default: []].insert(i) }
    }
  }

  func mostFrequentPair() -> UInt64? {
    var best: (key: UInt64, count: Int)?
    for (key, count) in counts {
      guard let held = best else {
        best = (key, count)
        continue
      }
      if count > held.count || count == held.count && key < held.key { best = (key, count) }
    }
    return best?.key
  }

  mutating func merge(_ pair: UInt64) {
    let left = Int(pair >> 32)
    let right = Int(pair & 0xFFFF_FFFF)
    let text = tokens[left] + tokens[right]
    // The same text may come about in two ways; it stays one token.
    let joined = ids[ExactText(text)] ?? tokens.count
    if joined == tokens.count {
      tokens.append(text)
      ids[ExactText(text)] = joined
    }
    merges.append((left, right, joined))
    for i in places.removeValue(forKey: pair) ?? [] {
      count(i, sign: -1)
      words[i].symbols = Merging.joining(words[i].symbols, left, right, into: joined)
      count(i, sign: 1)
    }
  }

  private static func joining(_ symbols: [Int], _ left: Int, _ right: Int, into joined: Int) -> [Int] {
    var out: [Int] = []
    out.reserveCapacity(symbols.count)
    var i = 0
    while i < symbols.count {
      if i + 1 < symbols.count, symbols[i] == left, symbols[i + 1] == right {
        out.append(joined)
        i += 2
      } else {
        out.append(symbols[i])
        i += 1
      }
    }
    return out
  }
}
