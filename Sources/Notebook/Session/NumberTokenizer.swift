import Data
import Options

/// Tokens that are only numbers, for models of any vocabulary drawn by chance: text is numbers with spaces between.
struct NumberTokenizer: Tokenizer {
  let vocabularySize: Int
  var name: String { "numbers 0–\(vocabularySize - 1)" }
  var endOfText: Int? { nil }
  var pad: Int? { nil }
  var specials: Set<Int> { [] }

  init(_ size: Int) { vocabularySize = size }

  func encode(_ text: String) throws -> [Int] {
    try text.split { $0 == " " || $0 == "," }.map { word in
      guard let n = Int(word), (0..<vocabularySize).contains(n) else {
        throw Failure(
          "“\(word)” is not a token of this model.",
          cure: "Its tokens are the numbers 0 to \(vocabularySize - 1): \"3 1 4\"")
      }
      return n
    }
  }

  func decode(_ ids: [Int]) -> String { ids.map(String.init).joined(separator: " ") }
  func token(_ id: Int) -> String { String(id) }
}
