import FileSystem
import Options

/// Cuts a text into pieces that the model takes one by one: one step of a tokenizer's file.
protocol PreTokenizer: Sendable {
  /// The word under `type`.
  static var type: String { get }
  /// Reads its fields.
  init(_ part: JSONPlace) throws
  /// Cuts every piece further.
  func cut(_ pieces: inout Pieces) throws
  /// Whether bytes become letters in this step, at the end of everything it does.
  var endsInLetters: Bool { get }
  /// The same step with its bytes left as they are.
  var withoutLetters: any PreTokenizer { get }
}

extension PreTokenizer {
  var endsInLetters: Bool { false }
  var withoutLetters: any PreTokenizer { self }
}

/// The catalog of pre-tokenizers.
enum PreTokenizers {
  static var all: [any PreTokenizer.Type] {
    [
      PreTokenizerSequence.self, ByteLevelPreTokenizer.self, SplitPreTokenizer.self,
      MetaspacePreTokenizer.self,
      WhitespaceSplit.self, WhitespacePreTokenizer.self, PunctuationPreTokenizer.self,
      DigitsPreTokenizer.self,
      BertPreTokenizer.self, DelimiterPreTokenizer.self,
    ]
  }

  /// The pre-tokenizer of a part; nil where the part is null.
  static func read(_ part: JSONPlace) throws -> (any PreTokenizer)? {
    if part.isNull { return nil }
    return try TokenizerPart.choose(part, "pre-tokenizer", all.map { ($0.type, $0) }).init(part)
  }
}

/// Several pre-tokenizers in turn.
struct PreTokenizerSequence: PreTokenizer {
  static let type = "Sequence"
  private let steps: [any PreTokenizer]

  init(_ part: JSONPlace) throws {
    guard let list = part["pretokenizers"].list else { throw part["pretokenizers"].failure("a list") }
    self.init(try list.compactMap(PreTokenizers.read))
  }

  private init(_ steps: [any PreTokenizer]) { self.steps = steps }

  func cut(_ pieces: inout Pieces) throws { for step in steps { try step.cut(&pieces) } }

  // Letters in the middle would be cut by the steps after them.
  var endsInLetters: Bool { steps.last?.endsInLetters ?? false }
  var withoutLetters: any PreTokenizer {
    guard let last = steps.last else { return self }
    return PreTokenizerSequence(steps.dropLast() + [last.withoutLetters])
  }
}
