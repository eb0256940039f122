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
    let pieces = try pieces(dialogue)
    // The last answer begins behind the last piece before it that is only read.
    let end = pieces.lastIndex(where: \.isAnswer) ?? -1
    let start = pieces[..<max(0, end)].lastIndex { !$0.isAnswer } ?? -1
    let encoded = try form.isOneText && !dialogue.isBare ? together(pieces) : pieces.map(ids)
    var ids: [Int] = [], labels: [Int] = []
    for (i, (piece, own)) in zip(pieces, encoded).enumerated() {
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

  private func pieces(_ dialogue: Dialogue) throws -> [DialogueForm.Piece] {
    let known = tokenizer as? PipelineTokenizer
    return try form.pieces(
      of: dialogue, begin: known?.beginning ?? "", end: known.flatMap { $0.endOfText.flatMap($0.content) })
  }

  private func ids(_ piece: DialogueForm.Piece) throws -> [Int] {
    try piece.text.map { try tokenizer.encode($0) } ?? tokenizer.endOfText.map { [$0] } ?? []
  }

  /// The tokens of a talk that is encoded as one text, shared out among its pieces: a token that goes over a border is
  /// the later piece's.
  private func together(_ pieces: [DialogueForm.Piece]) throws -> [[Int]] {
    var out: [[Int]] = [], rest = pieces[...]
    while !rest.isEmpty {
      let part = rest.prefix { $0.text != nil }, texts = part.map { $0.text ?? "" }
      let all = try tokenizer.encode(texts.joined())
      var known = 0, text = ""
      for (i, own) in texts.enumerated() {
        text += own
        let same = try zip(all, tokenizer.encode(text)).prefix { $0 == $1 }.count
        let next = i == texts.count - 1 ? all.count : max(known, same)
        out.append(Array(all[known..<next]))
        known = next
      }
      rest = rest.dropFirst(part.count)
      if let mark = rest.popFirst() { out.append(try ids(mark)) }
    }
    return out
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
    guard !form.isOneText || dialogue.isBare else { return false }
    let texts = try pieces(dialogue).compactMap(\.text)
    return try texts.flatMap { try tokenizer.encode($0) } != tokenizer.encode(texts.joined())
  }

  /// Whether the tokenizer has no token for the form's marks: each mark becomes several.
  public var isForeign: Bool {
    get throws { try form.mark.map { try tokenizer.encode($0).count > 1 } ?? false }
  }
}
