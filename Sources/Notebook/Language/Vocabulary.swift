import Options

/// The words that the parser is told: which are commands, which make something, which are bound.
public struct Vocabulary: Sendable {
  /// The commands by their full names.
  public var verbs: [String]
  /// The names bound by `let`.
  public var names: Set<String>
  /// The words that make something after `let NAME =`.
  public var makers: [String]
  /// Whether a unique prefix of a verb stands for it: at the prompt, not in files.
  public var prefixes: Bool

  /// The words that begin a statement of another form.
  public static let keywords = ["let", "repeat", "sweep", "until"]

  /// Makes a vocabulary.
  public init(verbs: [String], names: Set<String> = [], makers: [String] = [], prefixes: Bool = true) {
    self.verbs = verbs
    self.names = names
    self.makers = makers
    self.prefixes = prefixes
  }

  /// What a first word stands for.
  enum Meaning: Equatable {
    case command(String)
    case ambiguous([String])
    case other
  }

  /// A full verb comes first, then a bound name, then a unique prefix.
  func meaning(of word: String) -> Meaning {
    if verbs.contains(word) { return .command(word) }
    guard prefixes, !word.isEmpty, !names.contains(word), !Vocabulary.operands.contains(word) else {
      return .other
    }
    var found: [String] = []
    for verb in verbs where verb.hasPrefix(word) && !found.contains(verb) { found.append(verb) }
    switch found.count {
    case 0: return .other
    case 1: return .command(found[0])
    default: return .ambiguous(found)
    }
  }

  /// Words that mean something in expressions, so they are no prefix.
  private static let operands = ["not", "yes", "no", "true", "false"]

  /// The error for a first word that is no command, with the nearest one.
  public func noCommand(_ word: String, at place: Range<Int>? = nil) -> Failure {
    let near = suggestion(for: word, among: verbs + Vocabulary.keywords)
    return Failure(
      "no command “\(word)”.", cure: near.map { "Did you mean “\($0)”?" } ?? "Type ? for the list."
    ).at(place)
  }

  /// The nearest of some words. It leaves out words that cannot be near before it measures.
  func suggestion(for word: String, among words: [String]) -> String? {
    guard word.utf8.count <= 60 else { return nil }
    let typed = word.lowercased(), letters = Vocabulary.letters(of: typed)
    let limit = max(1, (word.count + 1) / 3)
    let candidates = words.filter {
      if $0.hasPrefix(typed) { return true }
      // One change alters the length by at most 1 and the set of letters by at most 2.
      guard abs($0.utf8.count - typed.utf8.count) <= 4 * limit else { return false }
      return (letters ^ Vocabulary.letters(of: $0)).nonzeroBitCount <= 2 * limit
    }
    return candidates.isEmpty ? nil : nearest(to: word, among: candidates)
  }

  /// Which letters occur, as bits.
  private static func letters(of word: String) -> UInt64 {
    var bits: UInt64 = 0
    for b in word.utf8 where b < 0x80 { bits |= 1 << UInt64(b & 0x3F) }
    return bits
  }
}
