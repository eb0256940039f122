import Data
import Events
import Options
import Training

/// Tagged sentences on their way to becoming the task of a model that answers each token with a class.
struct TaggedData {
  let source: TagBatches
  private let words: [(tag: String, count: Int)]

  /// Sentences as batches for a model; throws where it has no head for tokens, or one with too few classes.
  init(
    _ name: String, train: [TaggedText], heldOut: [TaggedText], rows: Int, context: Int, seed: Int,
    for subject: Subject
  ) throws {
    let labels = try TaggedText.labels(train + heldOut), classes = subject.model.network.head.width.out
    guard subject.model.network.answers == .tokens else {
      throw Failure(
        "\(subject.name) does not answer each token, and these are tags of words.",
        cure: "bert each=token classes=\(labels.count), or open minilm each=token classes=\(labels.count)")
    }
    guard labels.count <= classes else {
      throw Failure(
        "\(subject.name) answers with \(classes) classes, and these words have \(labels.count) tags.",
        cure: "\(subject.model.architecture.title) each=token classes=\(labels.count)")
    }
    let task = try TaggingTask(
      labels: labels, tokenizer: subject.tokenizer, context: subject.rowLength(context))
    source = try TagBatches(name, train: train, heldOut: heldOut, task: task, rows: rows, seed: seed)
    let counts = (train + heldOut).flatMap(\.tags).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    words = labels.words.map { ($0, counts[$0] ?? 0) }
  }

  /// What is shown once it is set.
  func show(_ session: Session, _ subject: Subject) {
    let counts = source.counts
    session.say(
      "\(counted(counts.training, "sentence")) to learn from, \(grouped(counts.heldOut)) held out; rows of at most "
        + "\(source.task.context) tokens, \(source.rows) a batch")
    let items = words.map { Bars.Item($0.tag, Double($0.count)) }
    session.emit(.bars(Bars("words a tag", items)))
    session.say(.dim("show batch: the first token of a word carries its tag, the others nothing"))
  }
}
