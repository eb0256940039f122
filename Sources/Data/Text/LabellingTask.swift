import Options

/// Labelled texts as rows for a language model that answers in words.
///
/// A row is the filled template; only the label's tokens, and the end of text where there is one, carry
/// loss. A row that is too long loses tokens at the end of its text, never of the template or label. Room
/// is kept for the longest label, so that a text is cut alike whichever label it has.
public struct LabellingTask: Sendable {
  /// Whose rows they are.
  public enum Like: String, CaseIterable, Sendable {
    /// A row that is too long loses the end of its text.
    case own
    /// A row that is too long is cut off at its right end as it stands, while the label's tokens are expected at the
    /// right end all the same: the row asks for a label that it does not hold, at places that hold text. A fault of a
    /// much-copied script, kept to be looked at.
    case tutorial
  }

  /// The template.
  public let template: PromptTemplate
  /// The labels.
  public let labels: LabelSet
  /// The most tokens of a row.
  public let context: Int
  /// What encodes the rows.
  public let tokenizer: any Tokenizer
  /// Whose rows they are.
  public let like: Like
  /// Whether a decoder of its own writes the label, which then does not stand in the row that is read.
  public let isAnswered: Bool

  private let head: Part
  private let tail: Part
  private let answers: [[Int]]

  /// Tokens of a part of the template, and before which of them vectors may be put.
  private struct Part {
    var ids: [Int] = []
    var slots: [Int] = []

    init(_ pieces: [String], _ tokenizer: any Tokenizer) throws {
      for (i, piece) in pieces.enumerated() {
        if i > 0 { slots.append(ids.count) }
        ids += try tokenizer.encode(piece)
      }
    }
  }

  /// A task; throws where the template and the longest label leave no room for a text.
  public init(
    template: PromptTemplate, labels: LabelSet, tokenizer: any Tokenizer, context: Int, like: Like = .own,
    isAnswered: Bool = false
  ) throws {
    self.like = like
    self.isAnswered = isAnswered
    self.template = template
    self.labels = labels
    self.tokenizer = tokenizer
    self.context = context
    head = try Part(template.pieces.head, tokenizer)
    tail = try Part(template.pieces.tail, tokenizer)
    let ending = tokenizer.endOfText.map { [$0] } ?? []
    let space = isAnswered ? "" : template.labelSpace
    answers = try labels.words.map { try tokenizer.encode(space + $0) + ending }
    guard room >= 1 else {
      throw Failure(
        "a row of \(context) tokens cannot hold template and longest label, which take \(context - room).",
        cure: "Shorten the template or the labels, or take a model with a longer context.")
    }
  }

  /// How many tokens are left for a text.
  public var room: Int {
    context - head.ids.count - tail.ids.count - (isAnswered ? 0 : answers.map(\.count).max() ?? 0)
  }

  /// The tokens of each label as they stand at a row's end, with the end of text where there is one.
  public var labelTokens: [[Int]] { answers }

  /// The row of a labelled text, for training.
  public func example(_ row: LabelledText) throws -> Example {
    let choice = try labels.choice(of: row.label)
    return try example(prompt(row.text), choice)
  }

  /// The row of a labelled text for a model that answers with a class: what is read, with no token to go on with.
  public func question(_ row: LabelledText) throws -> Example {
    let ids = try prompt(row.text)
    return try Example(
      ids: ids, labels: ids.map { _ in Example.ignored }, choice: labels.choice(of: row.label))
  }

  /// The rows of labelled texts.
  public func examples(_ rows: [LabelledText]) throws -> [Example] { try rows.map { try example($0) } }

  /// A text with each of the labels in turn: the label whose tokens are likeliest in sum is the model's
  /// answer.
  public func candidates(_ text: String) throws -> [Example] {
    let prompt = try prompt(text)
    return try labels.words.indices.map { try example(prompt, $0) }
  }

  /// What the model reads before it answers: head, text (shortened where it must be), tail.
  public func prompt(_ text: String) throws -> [Int] {
    let ids = try tokenizer.encode(template.textSpace + text.trimmed)
    return head.ids + ids.prefix(like == .own ? room : ids.count) + tail.ids
  }

  /// Whether a text is too long and loses its end.
  public func shortens(_ text: String) throws -> Bool {
    try tokenizer.encode(template.textSpace + text.trimmed).count > room
  }

  private func example(_ prompt: [Int], _ choice: Int) throws -> Example {
    let answer = answers[choice], ids = Array((isAnswered ? prompt : prompt + answer).prefix(context))
    let silent = [Int](repeating: Example.ignored, count: max(0, ids.count - answer.count))
    var row =
      isAnswered
      ? try Example(reading: ids, writing: answer, choice: choice)
      : try Example(ids: ids, labels: silent + answer, choice: choice)
    row.slots = head.slots + tail.slots.map { prompt.count - tail.ids.count + $0 }
    return row
  }
}
