import Data
import Events
import Options
import Training

/// Tagged sentences on their way to becoming the task of a model that answers each token with a class.
struct TaggedData {
  let source: ExampleBatches
  private let context: Int
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
    source = try ExampleBatches(
      name, training: train.compactMap(task.example), heldOut: heldOut.compactMap(task.example), rows: rows,
      filler: subject.tokenizer.filler, labels: labels.words, seed: seed)
    self.context = task.context
    let counts = (train + heldOut).flatMap(\.tags).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    words = labels.words.map { ($0, counts[$0] ?? 0) }
  }

  /// What is shown once it is set.
  func show(_ session: Session, _ subject: Subject) {
    session.say(
      "\(counted(source.training.count, "sentence")) to learn from, \(grouped(source.heldOut.count)) held out; rows of "
        + "at most \(context) tokens, \(source.rows) a batch")
    let items = words.map { Bars.Item($0.tag, Double($0.count)) }
    session.emit(.bars(Bars("words a tag", items)))
    session.say(.dim("show batch: the first token of a word carries its tag, the others nothing"))
  }
}
