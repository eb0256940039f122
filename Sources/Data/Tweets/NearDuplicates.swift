/// Texts put into groups of those that say nearly the same, so that a group can be held out as a whole.
///
/// Two texts belong together if they are equal after normalising, or if their sets of words are alike:
///
///     |A ∩ B| / |A ∪ B| ≥ likeness
///
/// and so do texts that are linked by others. Words are those of the normalised text. Pairs are found by a
/// prefix filter: sets that are alike share one of their rarest words, so only those need be compared.
public struct NearDuplicates: Sendable, Equatable {
  /// For each text, the place of its group's first text.
  public let group: [Int]
  /// For each text, a hash of its group: of the smallest normalised text in it.
  public let key: [UInt64]

  /// Groups texts; `likeness` is above 0; 1 leaves only equal sets of words.
  public init(_ texts: [String], likeness: Double = 0.6) {
    let normalised = texts.map { NearDuplicates.normalised($0) }
    var forest = Forest(count: texts.count)
    var firsts: [String: Int] = [:]
    for (i, text) in normalised.enumerated() {
      if let first = firsts[text] { forest.join(i, first) } else { firsts[text] = i }
    }
    let bound = likeness > 0 ? min(likeness, 1) : 1
    NearDuplicates.linkAlike(texts.map { NearDuplicates.words($0) }, bound, &forest)
    let roots = texts.indices.map { forest.root($0) }
    var least: [Int: String] = [:]
    for (i, root) in roots.enumerated() { least[root] = min(least[root] ?? normalised[i], normalised[i]) }
    let keys = least.mapValues { NearDuplicates.hash($0) }
    group = roots
    key = roots.map { keys[$0] ?? 0 }
  }

  /// How many groups there are.
  public var groups: Int { Set(group).count }

  /// A number from 0 up to 1 for a text's group, by which groups are drawn; each salt draws anew.
  public func draw(_ text: Int, salt: UInt64 = 0) -> Double {
    Double(CountedChance.mixed(key[text] ^ salt) >> 11) * 0x1p-53
  }

  /// A text in lower case, letters and digits only, without addresses and user names, each run of digits a 0.
  public static func normalised(_ text: String) -> String { words(text).joined() }

  /// The words of the normalised text.
  public static func words(_ text: String) -> [String] {
    var words: [String] = []
    for part in text.lowercased().split(whereSeparator: \.isWhitespace) {
      let visible = part.cut(before: "http://").cut(before: "https://").cut(before: "www.")
      append(visible, to: &words)
    }
    return words
  }

  /// FNV-1a over the UTF-8 bytes.
  static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private static func append(_ part: Substring, to words: inout [String]) {
    var word = String.UnicodeScalarView()
    var inName = false
    func isNumber(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }
    for scalar in part.unicodeScalars {
      let isLetter = scalar.properties.isAlphabetic || isNumber(scalar)
      if inName, isLetter || scalar == "_" { continue }
      inName = scalar == "@"
      if isLetter {
        if !isNumber(scalar) { word.append(scalar) } else if word.last != "0" { word.append("0") }
      } else if !word.isEmpty {
        words.append(String(word))
        word = String.UnicodeScalarView()
      }
    }
    if !word.isEmpty { words.append(String(word)) }
  }

  /// Joins texts whose sets of words are alike.
  private static func linkAlike(_ texts: [[String]], _ likeness: Double, _ forest: inout Forest) {
    let sets = rarestFirst(texts)
    var holders: [Int: [Int]] = [:]
    for (i, set) in sets.enumerated() where !set.isEmpty {
      // Sets that share none of their first words share too few to be alike.
      let prefix = set.count - Int((likeness * Double(set.count) - 1e-9).rounded(.up)) + 1
      var seen: Set<Int> = []
      for word in set.prefix(max(1, prefix)) {
        for other in holders[word] ?? [] where seen.insert(other).inserted {
          if areAlike(sets[i], sets[other], likeness) { forest.join(i, other) }
        }
        holders[word, default: []].append(i)
      }
    }
  }

  /// Each text's distinct words as numbers that grow with how many texts hold the word.
  private static func rarestFirst(_ texts: [[String]]) -> [[Int]] {
    var counts: [String: Int] = [:]
    for words in texts { for word in Set(words) { counts[word, default: 0] += 1 } }
    let order = counts.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($0.element.key, $0.offset) })
    return texts.map { Set($0).map { rank[$0] ?? 0 }.sorted() }
  }

  /// |A ∩ B| / |A ∪ B| ≥ likeness, for sorted sets.
  private static func areAlike(_ a: [Int], _ b: [Int], _ likeness: Double) -> Bool {
    let (small, large) = (min(a.count, b.count), max(a.count, b.count))
    guard Double(small) >= likeness * Double(large) - 1e-9 else { return false }
    var (i, j, shared) = (0, 0, 0)
    while i < a.count, j < b.count {
      if a[i] == b[j] {
        shared += 1
        i += 1
        j += 1
      } else if a[i] < b[j] {
        i += 1
      } else {
        j += 1
      }
    }
    return Double(shared) >= likeness * Double(a.count + b.count - shared) - 1e-9
  }
}

extension Substring {
  /// What stands before the first occurrence of a mark, or all of it.
  fileprivate func cut(before mark: String) -> Substring {
    guard let first = mark.first else { return self }
    var place = startIndex
    while let found = self[place...].firstIndex(of: first) {
      if self[found...].hasPrefix(mark) { return self[..<found] }
      place = index(after: found)
    }
    return self
  }
}

/// Disjoint sets of numbers; each set is named by its smallest.
private struct Forest {
  private var parent: [Int]

  init(count: Int) { parent = Array(0..<count) }

  mutating func root(_ i: Int) -> Int {
    var i = i
    while parent[i] != i {
      parent[i] = parent[parent[i]]
      i = parent[i]
    }
    return i
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    parent[max(a, b)] = min(a, b)
  }
}
