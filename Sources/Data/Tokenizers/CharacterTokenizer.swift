import Options

/// One id for each letter of a short alphabet; the toy model reads a–z by it.
public struct CharacterTokenizer: Tokenizer, Equatable {
  /// The letters in the order of their ids.
  public let letters: [Unicode.Scalar]
  private let ids: [Unicode.Scalar: Int]

  /// An alphabet from its letters; a letter that comes twice keeps its first place.
  public init(letters: String) {
    var seen: [Unicode.Scalar: Int] = [:]
    var order: [Unicode.Scalar] = []
    for letter in letters.unicodeScalars where seen[letter] == nil {
      seen[letter] = order.count
      order.append(letter)
    }
    self.letters = order
    ids = seen
  }

  /// The 26 letters a–z, with ids 0–25.
  public static let alphabet = CharacterTokenizer(letters: "abcdefghijklmnopqrstuvwxyz")

  /// The name that is shown.
  public var name: String {
    guard let first = letters.first, let last = letters.last else { return "no letters" }
    return "letters \(first)–\(last)"
  }
  /// One more than the largest id.
  public var vocabularySize: Int { letters.count }
  /// The id that ends a text.
  public var endOfText: Int? { nil }
  /// The id that fills short rows.
  public var pad: Int? { nil }
  /// Ids that stand for no text of a user.
  public var specials: Set<Int> { [] }

  /// The ids of a text; throws where a letter is not in the alphabet.
  public func encode(_ text: String) throws -> [Int] {
    try text.unicodeScalars.map { letter in
      guard let id = ids[letter] else {
        throw Failure(
          "the letter “\(visible(Array(String(letter).utf8)))” has no id.", cure: "Use only \(name).")
      }
      return id
    }
  }

  /// The text of ids; ids outside the alphabet give nothing.
  public func decode(_ ids: [Int]) -> String {
    var out = String.UnicodeScalarView()
    for id in ids where letters.indices.contains(id) { out.append(letters[id]) }
    return String(out)
  }

  /// One token as it is shown.
  public func token(_ id: Int) -> String {
    letters.indices.contains(id) ? visible(Array(String(letters[id]).utf8)) : ""
  }
}
