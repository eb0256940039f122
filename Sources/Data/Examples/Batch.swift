import Options

/// Examples side by side, filled up to one length: what a step reads.
public struct Batch: Sendable, Equatable {
  /// On which side short rows are filled up.
  public enum Side: String, Sendable, CaseIterable {
    /// Filling first, so that all rows end together; usual where the answer stands last.
    case left
    /// Filling last.
    case right
  }

  /// The tokens, [rows][columns].
  public let ids: [[Int]]
  /// The token at each place where it carries loss, else −100, [rows][columns]; with answers, [rows][answer columns].
  public let labels: [[Int]]
  /// 1 for a real token, 0 for filling, [rows][columns].
  public let keep: [[Int]]
  /// What each prediction is compared with, [rows][columns]: `targets[i] = labels[i + 1]`, −100 in the last
  /// column. With answers it is the labels themselves: what a decoder reads is shifted already. With tags it is the
  /// tag of the column's own token.
  public let targets: [[Int]]
  /// What a decoder of its own reads beside the tokens; nil: there is none.
  public let written: Written?
  /// Whether each token has a class of its own, which `labels` and `targets` then are.
  public let isTagged: Bool
  /// The class of each row, where rows have one.
  public let choices: [Int?]
  /// The columns before which a method may put vectors, equally many a row: the places `{prompt}` of a template; nil:
  /// there are none.
  public var slots: [[Int]]?
  /// The segment of each token, for models that tell segments apart, [rows][columns]; nil: all 0.
  public var types: [[Int]]?
  /// What is seen in place of text: one picture a row, and then there are no columns. nil: text.
  public let pictures: Pictures?
  /// The position of each row's first real token; nil: 0. A base that shall read texts behind virtual tokens
  /// learns them at many positions.
  public var starts: [Int]?
  /// Image tokens that go with the rows; nil: text alone.
  public var features: Features?
  /// The number of each column's document where rows are packed, −1 at filling, [rows][columns]; nil: a row is one.
  public var documents: [[Int]]?
  /// What people or a judge prefer, where the first half of the rows is chosen and the second half, in the same order,
  /// rejected; nil: rows are no pairs.
  public var preferences: [Preference]?

  /// Answers shifted by one to the right: the start token, then all tokens of the answer but the last.
  public struct Written: Sendable, Equatable {
    /// The tokens, [rows][answer columns], filled up on the right.
    public let ids: [[Int]]
    /// 1 for a real token, 0 for filling, [rows][answer columns].
    public let keep: [[Int]]

    /// Of answers, filled up with a token.
    init(_ answers: [[Int]], start: Int, pad: Int) {
      let width = answers.map(\.count).max() ?? 0
      ids = answers.map { [start] + $0.dropLast() + [Int](repeating: pad, count: width - $0.count) }
      keep = answers.map {
        $0.map { _ in 1 } + [Int](repeating: 0, count: width - $0.count)
      }
    }
  }

  /// Puts examples together; `columns` makes them wider than the longest, and throws where one is longer.
  ///
  /// `start` is the token that a model's decoder begins with; each example then has an answer. Rows are filled up on
  /// the left, so that they end together, and on the right where a decoder answers: then nothing stands between a text
  /// and what a method puts before it.
  public init(
    _ examples: [Example], pad: Int, side: Side? = nil, columns: Int? = nil, start: Int? = nil
  ) throws {
    let side = side ?? (start == nil ? .left : .right)
    guard let longest = examples.map(\.ids.count).max() else {
      throw Failure("a batch needs at least one example.", cure: "Look at the data: is the split empty?")
    }
    let width = columns ?? longest
    guard longest <= width else {
      throw Failure(
        "an example of \(longest) tokens does not fit into \(width) columns.", cure: "Shorten the texts.")
    }
    func filled(_ row: [Int], _ value: Int) -> [Int] {
      let rest = [Int](repeating: value, count: width - row.count)
      return side == .left ? rest + row : row + rest
    }
    ids = examples.map { filled($0.ids, pad) }
    keep = examples.map { filled([Int](repeating: 1, count: $0.ids.count), 0) }
    let answers = examples.compactMap(\.answer)
    guard answers.count == (start == nil ? 0 : examples.count) else {
      throw Failure(
        start == nil
          ? "these rows are read and answered, and the model has no decoder that writes answers."
          : "\(examples.count - answers.count) of \(examples.count) rows have no answer to write.",
        cure: "Set the data again for this model: task, or data")
    }
    if let start {
      let written = Written(answers, start: start, pad: pad)
      self.written = written
      labels = zip(answers, written.keep).map { answer, keep in
        answer + [Int](repeating: Example.ignored, count: keep.count - answer.count)
      }
      targets = labels
    } else if examples.contains(where: { $0.tags != nil }) {
      written = nil
      labels = examples.map { filled($0.tags ?? $0.ids.map { _ in Example.ignored }, Example.ignored) }
      targets = labels
    } else {
      written = nil
      // The first token of a row has nothing real before it: no prediction for it may count.
      labels = examples.map { filled([Example.ignored] + $0.labels.dropFirst(), Example.ignored) }
      targets = labels.map { $0.dropFirst() + [Example.ignored] }
    }
    isTagged = examples.contains { $0.tags != nil }
    choices = examples.map(\.choice)
    pictures = nil
    if examples.contains(where: { !$0.documents.isEmpty }) {
      documents = examples.map { row in
        let lengths = row.documents.isEmpty ? [row.ids.count] : row.documents
        return filled(lengths.enumerated().flatMap { [Int](repeating: $0, count: $1) }, -1)
      }
    }
    guard let count = examples.first?.slots.count, examples.allSatisfy({ $0.slots.count == count }) else {
      throw Failure(
        "the rows of a batch have places {prompt} in different numbers.", cure: "One template for all.")
    }
    guard count > 0 else { return }
    slots = examples.map { row in row.slots.map { $0 + (side == .left ? width - row.ids.count : 0) } }
  }

  /// Pictures side by side with their classes; throws where there are not as many of the one as of the other.
  public init(_ pictures: Pictures, choices: [Int?]) throws {
    guard pictures.count == choices.count, pictures.count > 0 else {
      throw Failure("a batch needs as many classes as pictures, not \(choices.count) for \(pictures.count).")
    }
    let rows = [[Int]](repeating: [], count: pictures.count)
    (ids, labels, keep, targets, written) = (rows, rows, rows, rows, nil)
    (self.choices, isTagged) = (choices, false)
    self.pictures = pictures
  }

  /// How many rows there are.
  public var rows: Int { ids.count }
  /// How many columns there are.
  public var columns: Int { ids.first?.count ?? 0 }
  /// How many columns predictions have: those of the answers, where there are some.
  public var targetColumns: Int { targets.first?.count ?? 0 }
  /// How many tokens are read, filling included: those of the answers too.
  public var tokens: Int { rows * (columns + (written == nil ? 0 : targetColumns)) }
  /// How many predictions carry loss: the divisor of the mean.
  public var counted: Int { targets.joined().reduce(0) { $0 + ($1 == Example.ignored ? 0 : 1) } }

  /// How many rows have a class.
  public var classified: Int { choices.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }

  /// The place of each real token counted from the row's start, 0 at filling, [rows][columns].
  public var positions: [[Int]] {
    keep.enumerated().map { index, row in
      var next = starts?[index] ?? 0
      return row.enumerated().map { column, real in
        if let own = documents?[index], column > 0, own[column] != own[column - 1] { next = 0 }
        defer { next += real }
        return real == 1 ? next : 0
      }
    }
  }
}

extension Batch {
  /// One place of a row, with all that a table shows of it.
  public struct Place: Sendable, Equatable {
    /// The column, from 0.
    public var column: Int
    /// The token's id.
    public var id: Int
    /// The token as it is shown.
    public var token: String
    /// Whether the token is real, not filling.
    public var isReal: Bool
    /// The token that the prediction made here is compared with; nil where nothing counts.
    public var target: Int?
    /// That token as it is shown, or nothing.
    public var targetToken: String
  }

  /// A row, place by place, for showing.
  public func places(row: Int, _ tokenizer: any Tokenizer) -> [Place] {
    guard ids.indices.contains(row) else { return [] }
    let none = ids[row].map { _ in Example.ignored }
    return places(ids[row], keep[row], written == nil ? targets[row] : none, tokenizer)
  }

  /// What the decoder reads of a row, place by place, with what it is to write there; none where there is no decoder.
  public func writtenPlaces(row: Int, _ tokenizer: any Tokenizer) -> [Place] {
    guard let written, written.ids.indices.contains(row) else { return [] }
    return places(written.ids[row], written.keep[row], targets[row], tokenizer)
  }

  private func places(
    _ ids: [Int], _ keep: [Int], _ targets: [Int], _ tokenizer: any Tokenizer
  ) -> [Place] {
    ids.indices.map { column in
      let target = targets[column] == Example.ignored ? nil : targets[column]
      return Place(
        column: column, id: ids[column], token: tokenizer.token(ids[column]), isReal: keep[column] == 1,
        target: target, targetToken: target.map(tokenizer.token) ?? "")
    }
  }
}
