import Data
import Options

/// Batches of labelled texts for a model that answers in words. Only the labels' tokens carry loss; the parts that are
/// not learnt from stay texts, so that every label can be tried on them (`Classification`).
public struct LabelledBatches: BatchSource {
  /// What a text is for.
  public enum Part: String, Sendable, CaseIterable {
    /// To learn from.
    case train
    /// To make choices by, such as of a learning rate.
    case validation
    /// To measure the result by.
    case heldout
  }

  /// What it is.
  public let name: String
  /// Template, labels, tokens.
  public let task: LabellingTask
  /// Whether each row is answered with a class, so that the label is not among its tokens.
  public let isClassified: Bool
  /// Pictures that go with the texts; nil: none.
  public let seen: SeenPictures?
  /// The token that a model's decoder begins with, where it writes the label; nil: the label ends the row.
  public let start: Int?
  private let texts: [Part: [LabelledText]]
  private let batches: ExampleBatches
  private let sampler: Sampler

  /// Batches of texts by their part; throws where there is none to learn from, or a label that the task lacks.
  public init(
    _ name: String, _ texts: [Part: [LabelledText]], task: LabellingTask, isClassified: Bool = false,
    seen: SeenPictures? = nil, start: Int? = nil, rows: Int, seed: Int
  ) throws {
    try seen?.check(texts, name)
    self.start = start
    self.seen = seen
    self.name = name
    self.isClassified = isClassified
    self.texts = texts
    self.task = task
    func examples(_ part: Part) throws -> [Example] {
      try (texts[part] ?? []).map { isClassified ? try task.question($0) : try task.example($0) }
    }
    batches = try ExampleBatches(
      name, training: examples(.train), heldOut: examples(.heldout),
      rows: rows,
      filler: task.tokenizer.filler, start: start, labels: task.labels.words, seed: seed)
    sampler = Sampler(count: batches.training.count, rows: batches.rows, seed: seed)
  }

  /// The texts of a part.
  public func texts(_ part: Part) -> [LabelledText] { texts[part] ?? [] }

  /// The labels' words, by class.
  public var labels: [String] { batches.labels }

  /// Rows a batch.
  public var rows: Int { batches.rows }

  /// With a digest of all examples.
  public var identity: String { batches.identity + (seen.map { " pictures=\($0.digest)" } ?? "") }

  /// By the sampler.
  public var epoch: Double? { sampler.epoch }

  /// Examples drawn for the step, padded on the left.
  public func batch(_ step: Int) throws -> Batch {
    var batch = try batches.batch(step)
    batch.features = seen?.features[.train]?.picked(sampler.indices(step: step))
    return batch
  }

  /// The pictures that go with a step's texts.
  public func seen(_ step: Int) throws -> (pictures: Pictures, choices: [Int?])? {
    try seen?.pictures(.train, at: sampler.indices(step: step))
  }

  /// The same texts in another order.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    try LabelledBatches(
      name, texts, task: task, isClassified: isClassified, seen: seen, start: start, rows: rows, seed: seed)
  }

  /// The held-out texts with their own labels; the validation ones where none are held out.
  public func evaluation() throws -> [Batch] {
    try evaluation(texts(.heldout).isEmpty ? .validation : .heldout)
  }

  /// The texts of a part with their own labels, by length so that little is padded.
  public func evaluation(_ part: Part) throws -> [Batch] {
    let examples = try texts(part).map { isClassified ? try task.question($0) : try task.example($0) }
    let order = examples.indices.sorted { (examples[$0].ids.count, $0) < (examples[$1].ids.count, $1) }
    // Evaluation holds all logits of a batch: about 64 MB at the most.
    let rows = max(1, min(32, (16 << 20) / max(1, task.context * task.tokenizer.vocabularySize)))
    return try stride(from: 0, to: examples.count, by: rows).map { first in
      let places = Array(order[first..<min(first + rows, examples.count)])
      var batch = try Batch(examples.picked(places), pad: task.tokenizer.filler, start: start)
      batch.features = seen?.features[part]?.picked(places)
      return batch
    }
  }
}
