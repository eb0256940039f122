import Data
import Engine
import Networks
import Options

/// How answers are drawn from the model: prompts from the data, tokens by chance.
public struct Drawing: Sendable, Equatable {
  /// Tokens of each row of the data that are the prompt; 0: all that stand before the first token with loss.
  public var prompt = 0
  /// The most tokens of an answer.
  public var tokens = 12
  /// Answers a prompt.
  public var samples = 1
  /// What logits are divided by, in drawing and in learning alike.
  public var temperature: Float = 1

  /// Rows for trainers' options.
  public static var options: [Option<Drawing>] {
    [
      Option(
        "prompt", \.prompt, "tokens of each row that are the prompt; 0: those before the first with loss",
        in: 0...100_000),
      Option("tokens", \.tokens, "the most tokens of an answer", in: 1...100_000),
      Option("samples", \.samples, "answers a prompt", in: 1...1024),
      Option("temperature", \.temperature, "what logits are divided by", in: 0.01...100),
    ]
  }

  /// One answer of at most 12 tokens.
  public init() {}

  /// The prompts of a batch; of pairs, one for both answers. Throws where a row has none.
  public func prompts(_ batch: Batch) throws -> [[Int]] {
    let count = batch.preferences?.count ?? batch.rows
    return try (0..<count).map { row in
      let real = batch.ids[row].indices.filter { batch.keep[row][$0] == 1 }
      let first = real.firstIndex { batch.labels[row][$0] != Example.ignored } ?? real.count
      let asked = real.prefix(prompt > 0 ? prompt : max(1, first)).map { batch.ids[row][$0] }
      guard !asked.isEmpty else {
        throw Failure("row \(row) of the data has no token to go on from.", cure: "show batch row=\(row)")
      }
      return asked
    }
  }
}
