import Data
import Engine
import Events
import Networks
import Options
import Training

/// Labelled pictures on their way to becoming a model's task: a class each for a model that sees; for one that reads
/// text, image tokens of the frozen vision base, and the class in words for an answer.
struct PictureData {
  /// How pictures are answered.
  enum Answer: String, CaseIterable, Sendable { case `class`, words }

  let name: String
  let parts: PictureSet.Parts
  let source: any BatchSource
  let facts: TaskFacts
  /// How the pictures become what the model reads; nil: they are that already.
  let fit: PictureFit?

  /// Pictures for a vision model.
  init(classes name: String, _ parts: PictureSet.Parts, rows: Int, seed: Int, for subject: Subject) throws {
    let all = parts.train
    guard case .pictures(let channels, let height, let width) = subject.model.network.reads else {
      throw Failure(
        "\(subject.name) reads text, and these are pictures.",
        cure:
          "let v = vit base=vision makes a model that sees; answer=words (and attach pill) teaches this one")
    }
    let isAsRead = (channels, height, width) == (1, all.height, all.width)
    let norms: PictureFit.Norms =
      subject.model.architecture.type == ViT.dinov2.type && channels == 3 ? .imageNet : .half
    let fit = isAsRead ? nil : PictureFit(channels: channels, height: height, width: width, norms: norms)
    let classes = subject.model.network.head.width.out
    guard all.labels.count <= classes else {
      throw Failure(
        "\(subject.name) answers with \(classes) classes, and these pictures have \(all.labels.count).",
        cure: subject.origin.hasPrefix("open ")
          ? "\(subject.origin) classes=\(all.labels.count)" : "vit classes=\(all.labels.count)")
    }
    func set(_ some: LabelledPictures) throws -> PictureBatches.Set {
      let values = some.values(Array(0..<some.count))
      let pictures = try Pictures(height: some.height, width: some.width, values)
      return .init(try fit.map(pictures.fitted) ?? pictures, choices: some.choices)
    }
    (self.name, self.parts, self.fit) = (name, parts, fit)
    source = try PictureBatches(
      name, training: set(parts.train), validation: set(parts.validation), heldOut: set(parts.heldOut),
      labels: all.labels, rows: rows, seed: seed)
    facts = TaskFacts(name: name, labels: all.labels)
  }

  /// Pictures for a language model, which answers in words.
  init(
    words name: String, _ parts: PictureSet.Parts, template: PromptTemplate, rows: Int, seed: Int,
    for subject: Subject, _ session: Session
  ) throws {
    let tower = try BundledBases.open("vision", as: "vision", session).model
    guard case .pictures(_, let height, let width) = tower.network.reads,
      (height, width) == (parts.train.height, parts.train.width)
    else {
      throw Failure(
        "the vision base reads pictures of 28×28, and these are \(parts.train.height)×\(parts.train.width).",
        cure: "Pictures of 28×28 can be answered in words")
    }
    let all: [LabelledBatches.Part: LabelledPictures] = [
      .train: parts.train, .validation: parts.validation, .heldout: parts.heldOut,
    ]
    let features = try all.mapValues {
      try ImageTokens.features(of: $0, by: tower, interrupt: session.interrupt)
    }
    let texts = all.mapValues { some in
      some.choices.map { LabelledText(Self.question, label: some.labels[$0]) }
    }
    let task = try LabellingTask(
      template: template, labels: LabelSet(parts.train.labels), tokenizer: subject.tokenizer,
      context: subject.rowLength(0))
    (self.name, self.parts, fit) = (name, parts, nil)
    source = try LabelledBatches(
      name, texts, task: task, seen: SeenPictures(features, all), rows: rows, seed: seed)
    facts = TaskFacts(name: name, labels: parts.train.labels, template: template.source)
  }

  /// What a language model is asked of every picture.
  static let question = "what is this?"
  /// How a row is put together.
  static let template = "Picture: {text} Answer: {label}"

  /// What is shown once it is set.
  func show(_ session: Session, _ subject: Subject) {
    func count(_ pictures: LabelledPictures, _ label: Int?) -> Datum {
      .count(
        label.map { label in pictures.choices.reduce(0) { $0 + ($1 == label ? 1 : 0) } } ?? pictures.count)
    }
    func row(_ word: String, _ label: Int?) -> [Datum] {
      [.words(word), count(parts.train, label), count(parts.validation, label), count(parts.heldOut, label)]
    }
    let titles = ["label", "to learn from", "validation", "held out"]
    let rows = parts.train.labels.enumerated().map { row($1, $0) } + [row("in all", nil)]
    session.emit(.table(Table(columns: titles.map { Table.Column($0, priority: 0) }, rows: rows)))
    if let seen = try? subject.source?.seen(subject.trainer.state.batch) {
      session.emit(.pictures(PictureRow(seen, upTo: 4, columns: 14, words: parts.train.labels)))
    }
    if let fit { session.say(.dim("each is made to fit the model: \(fit.told(of: parts.train))")) }
    if source is LabelledBatches { session.sayWhetherItSees(subject) }
  }
}

extension PictureRow {
  /// The first pictures of a batch with their classes, by their places there or by the numbers in `names`.
  init(
    _ seen: (pictures: Pictures, choices: [Int?]), upTo most: Int, from first: Int = 0, columns: Int,
    words: [String], names: [Int]? = nil
  ) {
    let places = first..<min(seen.pictures.count, first + most)
    self.init(
      "",
      places.map { place in
        let pixels = seen.pictures[place].map { Double($0 + 1) / 2 }, width = seen.pictures.width
        let word = seen.choices[place].flatMap { words.indices.contains($0) ? words[$0] : nil } ?? ""
        // Of several colours the first is shown.
        let rows = (0..<seen.pictures.height).map { Array(pixels[$0 * width..<($0 + 1) * width]) }
        return Item("\(names?[place] ?? place): \(word)", rows)
      }, columns: columns)
  }
}
