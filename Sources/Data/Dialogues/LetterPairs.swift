/// A toy of human feedback: raters who like some letters, and who err.
///
///     a rater prefers a to b with probability σ(sharpness·(share of liked letters in a − that in b))
///
/// The majority decides which is chosen, and its share is the pair's agreement; even votes are drawn again.
public enum LetterPairs {
  /// Raters a pair.
  public static let raters = 20
  /// How well they see a difference.
  public static let sharpness = 6.0

  /// Pairs of answers of six letters to a prompt of one.
  public static func pairs(_ count: Int, liked: Set<Character>, seed: Int) -> [PreferencePair] {
    var chance = Stream(seed: seed), found: [PreferencePair] = []
    while found.count < count {
      let prompt = String(chance.letter(from: alphabet))
      let (a, b) = (answer(liked, &chance), answer(liked, &chance))
      let p = probability(a, b, liked)
      let votes = (0..<raters).reduce(0) { sum, _ in sum + (chance.share() < p ? 1 : 0) }
      guard votes * 2 != raters, a != b else { continue }
      let isFirst = votes * 2 > raters, share = Double(max(votes, raters - votes)) / Double(raters)
      found.append(
        PreferencePair(
          prompt: prompt, chosen: isFirst ? a : b, rejected: isFirst ? b : a,
          Preference(agreement: share, margin: 2 * share - 1)))
    }
    return found
  }

  /// How likely a rater is to prefer one to the other.
  public static func probability(_ a: String, _ b: String, _ liked: Set<Character>) -> Double {
    let d = sharpness * (share(a, liked) - share(b, liked))
    return d >= 0 ? 1 / (1 + exponential(-d)) : exponential(d) / (1 + exponential(d))
  }

  static func share(_ text: String, _ liked: Set<Character>) -> Double {
    Double(text.filter(liked.contains).count) / Double(max(1, text.count))
  }

  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz")

  /// Six letters, of which a share drawn for the answer is liked.
  private static func answer(_ liked: Set<Character>, _ chance: inout Stream) -> String {
    let wanted = alphabet.filter(liked.contains), others = alphabet.filter { !liked.contains($0) }
    let share = chance.share() * 0.8
    return String(
      (0..<6).map { _ in
        let isLiked = chance.share() < share
        return chance.letter(from: isLiked && !wanted.isEmpty || others.isEmpty ? wanted : others)
      })
  }

  /// Counted chance, number after number.
  private struct Stream {
    let seed: Int
    var count = 0
    mutating func bits() -> UInt64 {
      count += 1
      return CountedChance.bits(seed, 0x1E77E5, count)
    }
    mutating func share() -> Double { Double(bits() >> 11) * 0x1p-53 }
    mutating func letter(from letters: [Character]) -> Character {
      letters[Int(share() * Double(letters.count))]
    }
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func exponential(_ x: Double) -> Double { exp(x) }
