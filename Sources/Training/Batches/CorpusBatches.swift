import Data
import Options

/// Batches of windows of running text, for language modelling.
public struct CorpusBatches: BatchSource {
  /// What it is.
  public let name: String
  /// What is learnt from.
  public let training: Corpus
  /// What is measured on.
  public let heldOut: Corpus
  /// Rows a batch.
  public let rows: Int
  /// With a digest of all tokens.
  public let identity: String
  private let tokenizer: any Tokenizer
  private let logits: Int
  private let sampler: Sampler

  /// Windows of two corpora of one tokenizer.
  public init(
    _ name: String, training: Corpus, heldOut: Corpus, tokenizer: any Tokenizer, rows: Int, seed: Int
  ) {
    self.name = name
    self.training = training
    self.heldOut = heldOut
    self.rows = min(rows, training.count)
    self.tokenizer = tokenizer
    logits = training.context * tokenizer.vocabularySize
    sampler = Sampler(count: training.count, rows: self.rows, seed: seed)
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for id in training.ids + heldOut.ids { sum = (sum ^ UInt64(id)) &* 0x100_0000_01b3 }
    identity =
      "\(name) rows=\(self.rows) context=\(training.context) seed=\(seed) tokens=\(String(sum, radix: 16))"
  }

  /// By the sampler.
  public var epoch: Double? { sampler.epoch }

  /// Windows drawn for the step; each comes once an epoch.
  public func batch(_ step: Int) throws -> Batch {
    try Batch(sampler.indices(step: step).map { training[$0] }, pad: tokenizer.filler)
  }

  /// The same windows in another order.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    CorpusBatches(name, training: training, heldOut: heldOut, tokenizer: tokenizer, rows: rows, seed: seed)
  }

  /// All windows that are held out, in order.
  public func evaluation() throws -> [Batch] {
    // Evaluation holds all logits of a batch: about 64 MB at the most.
    let rows = max(1, min(32, (16 << 20) / max(1, logits)))
    return try stride(from: 0, to: heldOut.count, by: rows).map { start in
      try Batch((start..<min(start + rows, heldOut.count)).map { heldOut[$0] }, pad: tokenizer.filler)
    }
  }

  /// Bits a byte of the held-out text, from an evaluation over all of it.
  ///
  ///     nats / (ln 2 · bytes)
  public func bitsPerByte(_ evaluation: Evaluation) -> Double {
    heldOut.bitsPerByte(nats: evaluation.loss * Double(evaluation.counted))
  }
}
