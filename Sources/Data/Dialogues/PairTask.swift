import Options

/// Pairs as rows for a model: the prompt, then an answer whose tokens count.
public struct PairTask: Sendable {
  /// The most tokens of a row; a longer prompt loses its start, a longer answer its end.
  public let context: Int
  /// What encodes the rows.
  public let tokenizer: any Tokenizer
  /// Whether answers end with the end of text, where there is one.
  public let isEnded: Bool

  /// A task.
  public init(context: Int, tokenizer: any Tokenizer, isEnded: Bool = true) {
    (self.context, self.tokenizer, self.isEnded) = (context, tokenizer, isEnded)
  }

  /// The rows of a pair, chosen first: only the answer's tokens carry loss. What a tokenizer puts around a whole input
  /// (`[CLS]` and `[SEP]`, a token that begins a text) stands there too.
  public func examples(_ pair: PreferencePair) throws -> (chosen: Example, rejected: Example) {
    let prompt = try tokenizer.encode(pair.prompt), (before, after) = tokenizer.around
    let last = after.isEmpty ? tokenizer.endOfText.map { [$0] } ?? [] : after
    let ending = isEnded ? last : []
    // Something must stand before the first token that counts.
    let start = !before.isEmpty || !prompt.isEmpty ? prompt : tokenizer.endOfText.map { [$0] } ?? []
    func row(_ text: String) throws -> Example {
      let room = max(1, context - before.count - min(prompt.count, 1))
      let words = try tokenizer.encode(text)
      // Marks around a text stay where it is cut; the end of a text goes with it.
      let answer =
        after.isEmpty
        ? Array((words + ending).prefix(room)) : words.prefix(max(0, room - ending.count)) + ending
      let read = before + start.suffix(max(0, context - before.count - answer.count))
      return try Example(
        ids: read + answer, labels: read.map { _ in Example.ignored } + answer)
    }
    return (try row(pair.chosen), try row(pair.rejected))
  }
}
