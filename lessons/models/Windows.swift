import Data
import Training

/// Windows of a stream of texts that is put together anew each epoch, in an order drawn for the epoch.
///
/// Even windows begin with the end-of-text before a text, odd ones wherever the stream happens to be.
final class Windows: BatchSource {
  let name = "texts in windows"
  /// How many steps read about as many tokens as the corpus has.
  let stepsAnEpoch: Int
  private let texts: [[Int]], end: Int, rows: Int, context: Int
  /// The stream of an epoch, kept while its steps come one after the other.
  private var kept: (epoch: Int, stream: [Int])?

  init(_ texts: [String], _ tokenizer: BytePairTokenizer, rows: Int, context: Int) throws {
    self.texts = tokenizer.encode(texts)
    end = tokenizer.filler
    self.rows = rows
    self.context = context
    let tokens = self.texts.reduce(1) { $0 + $1.count + 1 }
    stepsAnEpoch = max(1, (tokens - context) / (rows * (context - 1)))
  }

  func batch(_ step: Int) throws -> Batch {
    let stream = stream(step / stepsAnEpoch), first = step % stepsAnEpoch * rows
    let examples = try (first..<first + rows).map { window in
      var start = window * (context - 1)
      if window % 2 == 0 { while stream[start] != end { start -= 1 } }
      return try Example(ids: Array(stream[start..<start + context]))
    }
    return try Batch(examples, pad: end)
  }

  func evaluation() throws -> [Batch] { [try batch(0)] }

  private func stream(_ epoch: Int) -> [Int] {
    if let kept, kept.epoch == epoch { return kept.stream }
    let order = Permutation(count: texts.count, seed: 1, round: epoch)
    let stream = [end] + order.all.flatMap { texts[$0] + [end] }
    kept = (epoch, stream)
    return stream
  }
}
