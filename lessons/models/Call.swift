import Data
import Options

/// What was typed after `bases`.
struct Call {
  /// The bases that can be trained.
  static let names = ["alphabet", "reviews", "vision"]

  /// The one to train; nil: all.
  private(set) var name: String?
  /// Where the fetched texts are, or will be.
  private(set) var data: String?
  /// The folder that holds a folder for each base.
  private(set) var folder = "lessons/models"
  /// Steps, where not those of the committed base.
  private(set) var steps: Int?
  /// The learning rate, where not that of the committed base.
  private(set) var rate: Float?

  /// Reads the arguments; throws for those that it does not know.
  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        guard Call.names.contains(word) else { throw unknown("base", word, among: Call.names) }
        name = word
        continue
      }
      guard let value = rest.popFirst() else { throw Failure("\(word) needs a value.") }
      switch word {
      case "--data": data = value
      case "--to": folder = value
      case "--steps": steps = try number(value, Int.init, word)
      case "--rate": rate = try number(value, Float.init, word)
      default: throw unknown("option", word, among: ["--data", "--to", "--steps", "--rate"])
      }
    }
  }

  /// Whether a base shall be trained.
  func wants(_ base: String) -> Bool { name == nil || name == base }

  /// Where the texts live: in `--data`, else where `graft` itself keeps them.
  func places() throws -> Places { try data.map { Places(data: $0, state: $0) } ?? Places() }
}

private func number<N: Comparable & ExpressibleByIntegerLiteral>(
  _ text: String, _ read: (String) -> N?, _ option: String
) throws -> N {
  guard let number = read(text), number > 0 else { throw Failure("\(option) \(text) is no number above 0.") }
  return number
}
