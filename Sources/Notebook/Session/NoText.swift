import Data
import Engine
import Events
import Networks
import Options

/// What stands for the tokenizer of a model that reads pictures: there is no text for it.
struct NoText: Tokenizer {
  let vocabularySize = 0
  let name = "none: it reads pictures"
  let endOfText: Int? = nil
  let pad: Int? = nil
  let specials: Set<Int> = []

  func encode(_ text: String) throws -> [Int] {
    throw Failure("this model reads pictures, not text.", cure: "gpt and bert make models that read text")
  }

  func decode(_ ids: [Int]) -> String { "" }
  func token(_ id: Int) -> String { "" }
}

extension Session {
  /// The tokenizer of a model that came without one: numbers, or none where it reads pictures.
  static func plainTokenizer(of model: Model) -> any Tokenizer {
    guard model.network.reads == .tokens else { return NoText() }
    let rows = model.size("vocab_size") ?? 2
    return rows == 26 ? CharacterTokenizer.alphabet : NumberTokenizer(rows)
  }

  /// Makes a model of random weights and binds it, saying what it is.
  func make(
    _ call: Call, _ count: Int, _ kind: String, _ build: (Chance) throws -> Model
  ) throws {
    let name = call.boundName ?? "m"
    try surroundings.check(bytes: 4 * count, for: "a \(kind) of \(grouped(count)) parameters")
    let model = try build(chance)
    let subject = Subject(name, model, Self.plainTokenizer(of: model), origin: model.architecture.title)
    bind(subject)
    say(.strong(name) + "  " + StyledText(subject.summary))
    say(.dim("random weights (seed \(seed)): it knows nothing yet"))
  }
}
