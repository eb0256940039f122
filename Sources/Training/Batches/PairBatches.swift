import Data
import Options

/// Batches of pairs: all chosen answers first, then the rejected ones in the same order.
public struct PairBatches: BatchSource {
  /// What it is.
  public let name: String
  /// What is learnt from.
  public let training: [PreferencePair]
  /// What is measured on.
  public let heldOut: [PreferencePair]
  /// How pairs become rows.
  public let task: PairTask
  /// Pairs a batch.
  public let rows: Int
  /// With a digest of all rows.
  public let identity: String
  private let sampler: Sampler

  /// Batches of pairs; throws where there are none, and where an answer leaves no token to count.
  public init(
    _ name: String, training: [PreferencePair], heldOut: [PreferencePair], task: PairTask, rows: Int,
    seed: Int
  ) throws {
    guard !training.isEmpty else {
      throw Failure("\(name) has no pairs to learn from.", cure: "Is the split right?")
    }
    (self.name, self.training, self.heldOut, self.task) = (name, training, heldOut, task)
    self.rows = min(rows, training.count)
    sampler = Sampler(count: training.count, rows: self.rows, seed: seed)
    let examples = try (training + heldOut).flatMap { pair -> [Example] in
      let (chosen, rejected) = try task.examples(pair)
      guard chosen.counted > 0, rejected.counted > 0 else {
        throw Failure(
          "an answer of \(name) leaves no token with loss: “\(pair.chosen.prefix(40))”.",
          cure: "Give it a prompt, or a longer context")
      }
      return [chosen, rejected]
    }
    let digest = String(ExampleBatches.digest(examples), radix: 16)
    identity =
      "\(name) pairs rows=\(self.rows) ctx=\(task.context) seed=\(seed) training=\(training.count) pairs=\(digest)"
  }

  /// Pairs drawn for the step, padded on the left.
  public func batch(_ step: Int) throws -> Batch {
    try batch(of: sampler.indices(step: step).map { training[$0] })
  }

  /// These pairs as a batch.
  public func batch(of pairs: [PreferencePair]) throws -> Batch {
    let rows = try pairs.map { try task.examples($0) }
    var batch = try Batch(rows.map(\.chosen) + rows.map(\.rejected), pad: task.tokenizer.filler)
    batch.preferences = pairs.map(\.preference)
    return batch
  }

  /// The held-out pairs in order.
  public func evaluation() throws -> [Batch] {
    try stride(from: 0, to: heldOut.count, by: 16).map { start in
      try batch(of: Array(heldOut[start..<min(start + 16, heldOut.count)]))
    }
  }

  /// The same pairs in another order.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    try PairBatches(name, training: training, heldOut: heldOut, task: task, rows: rows, seed: seed)
  }
}
