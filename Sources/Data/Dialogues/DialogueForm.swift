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
  /// Whether tokens may go over the border of pieces, as they do where a talk is encoded as one text.
  public let isOneText: Bool
  /// A mark that has a token of its own in models that know the form.
  public let mark: String?
  /// The pieces of turns; `begin` and `end` are the texts of the tokens that begin and end a text.
  private let pieces: @Sendable (_ turns: [Turn], _ begin: String, _ end: String?) throws -> [Piece]

  /// All forms that have a name, in teaching order.
  public static let all: [DialogueForm] = [
    plain, chatML, DialogueForm("llama2", ChatTemplate(.llama2)),
    DialogueForm("llama3", ChatTemplate(.llama3), mark: "<|eot_id|>"),
    DialogueForm("zephyr", ChatTemplate(.zephyr)),
  ]
  /// The name of the form that came with a model.
  public static let own = "own"

  /// The form of a name; `chat` is the template that came with the model. Throws with a suggestion.
  public static func named(_ name: String, chat: String? = nil) throws -> DialogueForm {
    if name == own {
      guard let chat else {
        throw Failure("the model came without a chat template.", cure: "form=plain, or form=chatml")
      }
      return DialogueForm(own, try ChatTemplate(jinja: chat))
    }
    guard let found = all.first(where: { $0.name == name }) else {
      throw unknown("form of dialogue", name, among: all.map(\.name) + [own])
    }
    return found
  }

  /// Words that any tokenizer has: a line a turn, the end of text after each answer.
  public static let plain = DialogueForm("plain") { turns, _, _ in
    turns.enumerated().flatMap { i, turn -> [Piece] in
      let start = i == 0 ? "" : "\n"
      switch turn.role {
      case "assistant": return [Piece(start + "Assistant:"), Piece(" " + turn.text, isAnswer: true), .end]
      case "system": return [Piece(start + turn.text)]
      default: return [Piece(start + "User: " + turn.text)]
      }
    }
  }

  /// ChatML, as OpenAI, Qwen and SmolLM have it.
  public static let chatML = DialogueForm("chatml", ChatTemplate(.chatML), mark: "<|im_end|>")

  private init(
    _ name: String, pieces: @escaping @Sendable ([Turn], String, String?) throws -> [Piece]
  ) {
    (self.name, self.pieces, isOneText, mark) = (name, pieces, false, nil)
  }

  /// A template that is known.
  init(_ name: String, _ template: ChatTemplate, mark: String? = nil) {
    (self.name, isOneText, self.mark) = (name, true, mark)
    pieces = { turns, begin, end in
      try template.pieces(turns.map { ChatMessage($0.role, $0.text) }, begin: begin, end: end)
    }
  }

  /// The pieces of a dialogue in order. Without texts for the tokens that begin and end a text, nothing begins it, and
  /// the end is a piece of its own.
  public func pieces(of dialogue: Dialogue, begin: String = "", end: String? = nil) throws -> [Piece] {
    if dialogue.isBare {
      return dialogue.turns.map { Piece($0.text, isAnswer: $0.isAnswer) } + [.end]
    }
    return try pieces(dialogue.turns, begin, end)
  }
}

extension DialogueForm.Piece {
  /// The end of text, which an answer ends with where the tokenizer has one.
  static let end = DialogueForm.Piece(nil, isAnswer: true)
}
