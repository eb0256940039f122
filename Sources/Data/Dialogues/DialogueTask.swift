import Options

/// Which tokens of a dialogue carry loss.
public enum LossMask: String, Sendable, CaseIterable {
  /// Those of the last answer: what stands before it is only read.
  case completion
  /// Those of every answer, each with its end mark.
  case assistant
  /// All of them.
  case full
}

/// Dialogues as rows for a language model: tokens, and which of them carry loss.
///
///     loss = −Σ log p(token) / #tokens, over the tokens of the mask
public struct DialogueTask: Sendable {
  /// How turns become text.
  public let form: DialogueForm
  /// Which tokens carry loss.
  public let mask: LossMask
  /// The most tokens of a row; a longer one loses its end.
  public let context: Int
  /// What encodes the rows.
  public let tokenizer: any Tokenizer

  /// A task.
  public init(form: DialogueForm, mask: LossMask, context: Int, tokenizer: any Tokenizer) {
    (self.form, self.mask, self.context, self.tokenizer) = (form, mask, context, tokenizer)
  }

  /// The row of a dialogue before it is cut to the context.
  public func whole(_ dialogue: Dialogue) throws -> Example {
    let pieces = form.pieces(of: dialogue)
    // The last answer begins behind the last piece before it that is only read.
    let end = pieces.lastIndex(where: \.isAnswer) ?? -1
    let start = pieces[..<max(0, end)].lastIndex { !$0.isAnswer } ?? -1
    var ids: [Int] = [], labels: [Int] = []
    for (i, piece) in pieces.enumerated() {
      let own = try piece.text.map { try tokenizer.encode($0) } ?? tokenizer.endOfText.map { [$0] } ?? []
      let isCounted =
        switch mask {
        case .full: true
        case .assistant: piece.isAnswer
        case .completion: piece.isAnswer && i > start
        }
      ids += own
      labels += isCounted ? own : own.map { _ in Example.ignored }
    }
    return try Example(ids: ids, labels: labels)
  }

  /// The row of a dialogue, cut to the context; nil where cutting leaves no token with loss.
  public func example(_ dialogue: Dialogue) throws -> Example? {
    let row = try whole(dialogue)
    let cut = try Example(ids: Array(row.ids.prefix(context)), labels: Array(row.labels.prefix(context)))
    return cut.counted > 0 ? cut : nil
  }

  /// Whether joining the pieces before encoding would give other tokens: then what is learnt is not what a joined
  /// prompt will be read as.
  public func splitsTokens(_ dialogue: Dialogue) throws -> Bool {
    let pieces = form.pieces(of: dialogue).compactMap(\.text)
    return try pieces.flatMap { try tokenizer.encode($0) } != tokenizer.encode(pieces.joined())
  }
}
