import Options

/// One row before padding: what the model reads, and which of it carries loss.
///
/// Labels stand beside the ids as in Hugging Face's library: `labels[i]` is the token at `i` where it
/// counts and −100 where it does not, and it is compared with the prediction made at `i − 1`.
public struct Example: Sendable, Equatable {
  /// The label that does not count.
  public static let ignored = -100

  /// The tokens.
  public var ids: [Int]
  /// The token at each place where it carries loss, else −100.
  public var labels: [Int]
  /// The class, for a text with one of several labels.
  public var choice: Int?
  /// The tokens before which a method may put vectors: the places `{prompt}` of a template, in order.
  public var slots: [Int] = []
  /// What a model with a decoder of its own is to write after it has read the tokens; nil: the tokens go on by
  /// themselves. The labels then are not looked at.
  public var answer: [Int]?
  /// The class of each token, −100 where none counts, for models that answer each token; nil: tokens have no classes.
  public var tags: [Int]?
  /// The lengths of the documents that a packed row holds, in order; empty: the row is one document.
  public var documents: [Int] = []

  /// A row whose labels are given.
  public init(ids: [Int], labels: [Int], choice: Int? = nil) throws {
    guard ids.count == labels.count, !ids.isEmpty else {
      throw Failure(
        "an example has \(ids.count) ids and \(labels.count) labels; it needs equally many, at least 1.")
    }
    self.ids = ids
    self.labels = labels
    self.choice = choice
  }

  /// A row of which every token but the first carries loss: the first cannot be predicted from anything.
  public init(ids: [Int]) throws {
    try self.init(ids: ids, labels: [Example.ignored] + ids.dropFirst())
  }

  /// A row that is read and an answer that is written.
  public init(reading ids: [Int], writing answer: [Int], choice: Int? = nil) throws {
    guard !answer.isEmpty else {
      throw Failure("an answer has no tokens.", cure: "Each row needs a text and an answer.")
    }
    try self.init(ids: ids, labels: ids.map { _ in Example.ignored }, choice: choice)
    self.answer = answer
  }

  /// The same row cut in two: the first `count` tokens are read, the others are written.
  public func cut(after count: Int) throws -> Example {
    try Example(
      reading: Array(ids.prefix(count)), writing: Array(ids.dropFirst(count)), choice: choice)
  }

  /// How many predictions carry loss.
  public var counted: Int {
    answer?.count ?? (tags ?? Array(labels.dropFirst())).count { $0 != Example.ignored }
  }
}
