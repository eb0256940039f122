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

  /// The rows of a pair, chosen first: only the answer's tokens carry loss.
  public func examples(_ pair: PreferencePair) throws -> (chosen: Example, rejected: Example) {
    let prompt = try tokenizer.encode(pair.prompt)
    let ending = isEnded ? tokenizer.endOfText.map { [$0] } ?? [] : []
    func row(_ text: String) throws -> Example {
      let answer = Array((try tokenizer.encode(text) + ending).prefix(max(1, context - min(prompt.count, 1))))
      // Something must stand before the first token that counts.
      let start = prompt.isEmpty ? tokenizer.endOfText.map { [$0] } ?? [] : prompt
      let read = Array(start.suffix(context - answer.count))
      return try Example(
        ids: read + answer, labels: read.map { _ in Example.ignored } + answer)
    }
    return (try row(pair.chosen), try row(pair.rejected))
  }
}
