import Data
import Events
import Networks
import Options
import Training

/// Texts with answers on their way to becoming the task of a model that reads and writes apart: a translation, a
/// summary, a question.
struct PairData {
  /// How many different labels still are labels; more are answers of their own.
  static let mostLabels = 64

  let source: ExampleBatches
  private let context: Int
  private let shortened: Int

  /// Whether texts are to be answered each in its own way by this model.
  static func fits(_ rows: [LabelledText], _ subject: Subject) -> Bool {
    subject.model.network.start != nil && Set(rows.map(\.label)).count > mostLabels
  }

  /// Pairs as batches for a model; both sides lose their end where they are too long.
  init(
    _ name: String, train: [LabelledText], heldOut: [LabelledText], rows: Int, context: Int, seed: Int,
    for subject: Subject
  ) throws {
    let length = try subject.rowLength(context), tokenizer = subject.tokenizer
    let ending = tokenizer.endOfText.map { [$0] } ?? []
    var cut = 0
    func example(_ row: LabelledText) throws -> Example {
      let text = try tokenizer.encode(row.text), answer = try tokenizer.encode(row.label)
      let most = max(1, length - ending.count)
      if text.count > length || answer.count > most { cut += 1 }
      return try Example(reading: Array(text.prefix(length)), writing: answer.prefix(most) + ending)
    }
    source = try ExampleBatches(
      name, training: train.map(example), heldOut: heldOut.map(example), rows: rows,
      filler: tokenizer.filler, start: subject.model.network.start, seed: seed)
    (self.context, shortened) = (length, cut)
  }

  /// What is shown once it is set.
  func show(_ session: Session, _ subject: Subject) {
    session.say(
      "\(grouped(source.training.count)) pairs to learn from, \(grouped(source.heldOut.count)) held out")
    if let first = source.training.first {
      session.say(.dim("for example ") + .code(subject.tokenizer.decode(first.ids)))
      session.say(.dim("  its answer: ") + .strong(subject.tokenizer.decode(first.answer ?? [])))
    }
    session.say(
      .dim(
        "at most \(context) tokens a side, \(source.rows) rows a batch; \(grouped(shortened)) pairs lose an end"
      ))
  }
}
