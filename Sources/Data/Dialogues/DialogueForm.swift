import Options

/// How turns become one text: what stands before and after each, and which of it the model is to say.
///
/// A form is plain data and functions: a further one is a value in `all`.
public struct DialogueForm: Sendable {
  /// A stretch of text, and whether the assistant says it.
  public struct Piece: Sendable, Equatable {
    /// The text; nil: the tokenizer's end of text.
    public var text: String?
    /// Whether it belongs to an answer, its end mark included.
    public var isAnswer: Bool

    /// A stretch of text; nil: the end of text.
    public init(_ text: String?, isAnswer: Bool = false) { (self.text, self.isAnswer) = (text, isAnswer) }
  }

  /// The name that is typed.
  public let name: String
  /// The pieces of a turn; `isFirst` at the start of a dialogue.
  public let pieces: @Sendable (_ turn: Turn, _ isFirst: Bool) -> [Piece]

  /// A form.
  public init(_ name: String, pieces: @escaping @Sendable (_ turn: Turn, _ isFirst: Bool) -> [Piece]) {
    (self.name, self.pieces) = (name, pieces)
  }

  /// All forms, in teaching order.
  public static let all: [DialogueForm] = [plain, chatML]

  /// The form of a name; throws with a suggestion.
  public static func named(_ name: String) throws -> DialogueForm {
    guard let found = all.first(where: { $0.name == name }) else {
      throw unknown("form of dialogue", name, among: all.map(\.name))
    }
    return found
  }

  /// Words that any tokenizer has: a line a turn, the end of text after each answer.
  public static let plain = DialogueForm("plain") { turn, isFirst in
    let start = isFirst ? "" : "\n"
    switch turn.role {
    case "assistant": return [Piece(start + "Assistant:"), Piece(" " + turn.text, isAnswer: true), .end]
    case "system": return [Piece(start + turn.text)]
    default: return [Piece(start + "User: " + turn.text)]
    }
  }

  /// ChatML, as OpenAI, Qwen and SmolLM have it.
  public static let chatML = DialogueForm("chatml") { turn, _ in
    let head = Piece("<|im_start|>\(turn.role)\n")
    let said = Piece(turn.text + "<|im_end|>", isAnswer: turn.isAnswer)
    return [head, said, Piece("\n")]
  }

  /// The pieces of a dialogue in order.
  public func pieces(of dialogue: Dialogue) -> [Piece] {
    if dialogue.isBare {
      return dialogue.turns.map { Piece($0.text, isAnswer: $0.isAnswer) } + [.end]
    }
    return dialogue.turns.enumerated().flatMap { pieces($0.element, $0.offset == 0) }
  }
}

extension DialogueForm.Piece {
  /// The end of text, which an answer ends with where the tokenizer has one.
  static let end = DialogueForm.Piece(nil, isAnswer: true)
}
