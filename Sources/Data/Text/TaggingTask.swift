import Options

/// Tagged sentences as rows for a model that answers each token with a class.
///
/// A word may become several tokens: the first carries its tag, the others and the marks at both ends count for nothing
/// (Devlin et al. 2018, section 5.3). Words that do not fit the context any more are left out.
public struct TaggingTask: Sendable {
  /// The tags, by class.
  public let labels: LabelSet
  /// The most tokens of a row.
  public let context: Int
  /// What encodes the words.
  public let tokenizer: any Tokenizer

  /// A task; throws where the marks at both ends leave no room.
  public init(labels: LabelSet, tokenizer: any Tokenizer, context: Int) throws {
    (self.labels, self.context, self.tokenizer) = (labels, context, tokenizer)
    guard room > 0 else {
      throw Failure("rows of \(context) tokens have no room for a word.", cure: "ctx=64")
    }
  }

  private var room: Int { context - tokenizer.around.before.count - tokenizer.around.after.count }

  /// The row of a sentence; nil where none of its words becomes a token.
  public func example(_ sentence: TaggedText) throws -> Example? {
    var ids: [Int] = [], tags: [Int] = []
    for (place, word) in sentence.words.enumerated() {
      let pieces = try tokenizer.encode((place > 0 ? " " : "") + word)
      guard ids.count + pieces.count <= room else { break }
      guard !pieces.isEmpty else { continue }
      ids += pieces
      tags.append(try labels.choice(of: sentence.tags[place]))
      tags += [Int](repeating: Example.ignored, count: pieces.count - 1)
    }
    guard !ids.isEmpty else { return nil }
    let (before, after) = tokenizer.around
    let all = before + ids + after
    var row = try Example(ids: all, labels: all.map { _ in Example.ignored })
    row.tags =
      before.map { _ in Example.ignored } + tags + after.map { _ in Example.ignored }
    return row
  }
}
