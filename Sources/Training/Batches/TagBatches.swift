import Data
import Options

/// Batches of tagged sentences for a model that answers each token with a class.
public struct TagBatches: BatchSource {
  /// Tags and tokens.
  public let task: TaggingTask
  private let examples: ExampleBatches

  /// Batches of sentences; throws where there is none to learn from. Sentences without a token are left out.
  public init(
    _ name: String, train: [TaggedText], heldOut: [TaggedText], task: TaggingTask, rows: Int, seed: Int
  ) throws {
    self.task = task
    examples = try ExampleBatches(
      name, training: train.compactMap(task.example), heldOut: heldOut.compactMap(task.example), rows: rows,
      filler: task.tokenizer.filler, seed: seed)
  }

  private init(_ task: TaggingTask, _ examples: ExampleBatches) {
    (self.task, self.examples) = (task, examples)
  }

  /// What it is.
  public var name: String { examples.name }
  /// With a digest of all sentences.
  public var identity: String { examples.identity }
  /// The tags, by class.
  public var labels: [String] { task.labels.words }
  /// Rows a batch.
  public var rows: Int { examples.rows }
  /// How many sentences there are to learn from, and held out.
  public var counts: (training: Int, heldOut: Int) { (examples.training.count, examples.heldOut.count) }
  /// By the sampler.
  public var epoch: Double? { examples.epoch }
  /// Sentences drawn for the step, padded on the left.
  public func batch(_ step: Int) throws -> Batch { try examples.batch(step) }
  /// The held-out sentences.
  public func evaluation() throws -> [Batch] { try examples.evaluation() }
  /// The same sentences in another order.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    guard let other = try examples.reseeded(seed) as? ExampleBatches else { return self }
    return TagBatches(task, other)
  }
}
