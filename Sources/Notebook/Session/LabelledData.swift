import Data
import Events
import Formats
import Options
import Training

/// Labelled texts on their way to becoming a model's task: put apart, cut to the model's context, counted.
struct LabelledData {
  let name: String
  let texts: [LabelledBatches.Part: [LabelledText]]
  let source: LabelledBatches
  let template: PromptTemplate
  private let shortened: Int
  private let all: Int

  /// Texts as batches for a model; `context` 0 leaves some of the model's positions free for prompts.
  init(
    _ name: String, _ texts: [LabelledBatches.Part: [LabelledText]], labels: [String],
    template: PromptTemplate,
    like: LabellingTask.Like, rows: Int, context: Int, seed: Int, for subject: Subject
  ) throws {
    let classes = subject.model.network.head.width.out
    try subject.checkAnswersTexts()
    guard subject.model.network.answers == .positions || labels.count <= classes else {
      throw Failure(
        "\(subject.name) answers with \(classes) classes, and these texts have \(labels.count) labels.",
        cure: "\(subject.model.architecture.title) classes=\(labels.count)")
    }
    let isClassified = subject.model.network.answers == .rows, start = subject.model.network.start
    let set = try LabelSet(labels), length = try subject.rowLength(context)
    (self.name, self.texts, self.template) = (name, texts, template)
    let every = LabelledBatches.Part.allCases.flatMap { texts[$0] ?? [] }
    all = every.count
    do {
      let task = try LabellingTask(
        template: template, labels: set, tokenizer: subject.tokenizer, context: length, like: like,
        isAnswered: !isClassified && start != nil)
      shortened = try every.reduce(0) { try $0 + (task.shortens($1.text) ? 1 : 0) }
      source = try LabelledBatches(
        name, texts, task: task, isClassified: isClassified, start: start, rows: rows, seed: seed)
    } catch let failure as Failure where failure.what.contains("has no id") {
      throw Failure(
        "\(subject.name) reads \(subject.tokenizer.name), and these texts have others.",
        cure: "A base that reads any text: let m = gpt base=reviews", details: [failure.what])
    }
  }

  /// What is shown once it is set.
  func show(_ session: Session, _ subject: Subject) {
    let parts = LabelledBatches.Part.allCases
    let rows = source.task.labels.words.map { label -> [Datum] in
      [.words(label)]
        + parts.map { part in .count(source.texts(part).reduce(0) { $0 + ($1.label == label ? 1 : 0) }) }
    }
    let titles = ["label", "to learn from", "validation", "held out"]
    session.emit(
      .table(Table(columns: titles.map { Table.Column($0, priority: 0) }, rows: rows + [total(parts)])))
    showMajority(session)
    showExample(session, subject)
    if template.slots > 0 {
      session.say(
        .dim(
          "\(counted(template.slots, "place")) {prompt} in the template, which ptuning fills with its vectors"
        ))
    }
    let room = "rows of at most \(source.task.context) tokens, \(source.rows) a batch"
    guard source.task.like == .tutorial, shortened > 0 else {
      return session.say(
        .dim("\(room); \(grouped(shortened)) of \(grouped(all)) texts lose their end, labels never"))
    }
    session.say(.dim(room))
    session.emit(
      .note(
        Note(
          "\(grouped(shortened)) of \(grouped(all)) rows are too long and lose their label, which is asked for "
            + "all the same: show batch row=N shows one. like=own shortens the text instead", .warning)))
  }

  private func total(_ parts: [LabelledBatches.Part]) -> [Datum] {
    [.words("in all")] + parts.map { .count(source.texts($0).count) }
  }

  private func showMajority(_ session: Session) {
    let measured = source.texts(.heldout).isEmpty ? LabelledBatches.Part.validation : .heldout
    let truth = source.texts(measured).compactMap { try? source.task.labels.choice(of: $0.label) }
    guard let majority = Statistics.majority(truth) else {
      return session.emit(.note(Note("nothing is held out: eval will have nothing to measure on", .warning)))
    }
    let label = source.task.labels.words[majority.choice]
    session.say(
      StyledText("always saying “\(label)” is right for \(percentage(majority.share)) of the ")
        + StyledText(measured == .heldout ? "held-out texts" : "validation texts"))
  }

  private func showExample(_ session: Session, _ subject: Subject) {
    guard let example = try? source.batch(subject.trainer.state.batch) else { return }
    let row = zip(example.ids[0], example.keep[0]).filter { $1 == 1 }.map(\.0)
    if let choice = example.choices[0], source.isClassified {
      session.say(.dim("for example ") + .code(subject.tokenizer.decode(row)))
      return session.say(.dim("  its answer: ") + .strong(source.labels[choice]))
    }
    let loss = example.labels[0].filter { $0 != Example.ignored }
    let isWithin = example.written == nil, count = row.count - (isWithin ? loss.count : 0)
    let read = subject.tokenizer.decode(Array(row.prefix(count))), answer = loss.map(subject.tokenizer.token)
    session.say(.dim("for example ") + .code(read))
    session.say(
      .dim("  \(count) tokens are only read; these \(loss.count) carry loss: ")
        + .strong(answer.joined(separator: " ")))
  }
}

extension Subject {
  /// Throws for a model that answers each token: these data have no tags.
  func checkAnswersTexts() throws {
    guard model.network.answers != .tokens else {
      throw Failure(
        "\(name) answers each token with a class, and these data have no tags.",
        cure: "data tags FILE gives it words with tags; a model without each=token reads these")
    }
  }

  /// The most tokens of a row: as asked, else the model's context with some positions left for what a method adds.
  func rowLength(_ asked: Int) throws -> Int {
    guard model.network.reads == .tokens, let context = model.size(model.architecture.sizes.context) else {
      throw Failure("\(name) reads pictures, not text.", cure: "gpt and bert make models that read text")
    }
    guard asked > 0 else { return context - min(16, context / 4) }
    guard asked <= context else {
      throw Failure(
        "rows of \(asked) tokens do not fit \(name)'s context of \(context).", cure: "ctx=\(context)")
    }
    return asked
  }
}
