import Data
import Events
import FileSystem
import Formats
import Options
import Training

/// `data`: real texts and pictures to train on.
public struct DataCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "data",
    "Sets what the model trains on: labelled texts, to be answered in words, running text, or pictures.",
    formula: "a row is: template with the text, then the label; only the label's tokens carry loss",
    use:
      "get fetches tweets, fashion and digits; csv, tsv and jsonl read a file of yours; text reads any text, tags words with a tag each; idx and"
      + " pixels read pictures.",
    examples: [
      "data tweets", "data fashion", "data digits answer=words",
      "data csv mails.csv text=body label=kind template=\"Mail: {text} Kind: {label}\"",
      "data jsonl rows.jsonl split=80,10,10", "data text book.txt by=paragraph", "data tags names.conll",
      "data chat talks.jsonl loss=assistant packing=yes", "data pairs tweets", "data pairs answers.jsonl",
    ],
    notes: [
      "Rows are padded on the left; one that is too long loses the end of its text, never of template or label.",
      "like=tutorial cuts a row that is too long at its right end, and asks for the label there all the same.",
      "A model with a decoder of its own writes the label; where a table has more than 64 different ones, they are",
      "answers, each to its text: a translation, a summary.",
      "The split is drawn by the seed, the same every time; eval measures on what is held out.",
      "Tweets come with a split of their own that keeps near-duplicates together, fashion with a set to measure on.",
      "Pictures take the size and the colours that the model reads (bicubic, grey in every colour), less the mean and by",
      "the deviation that it was trained on: ImageNet's for DINOv2, else ½ and ½.",
      "answer=words shows a language model four image tokens a picture, the frozen vision base's patches averaged",
      "over a grid of 2×2; it answers with the class in words, once it sees (attach pill).",
      "chat example is a small built-in set. chat reads {\"messages\": [{\"role\": …, \"content\": …}]} or {\"prompt\": …, \"completion\": …} a line; loss= says",
      "which tokens count, packing=yes lays short rows side by side, each reading itself alone: show mask.",
      "pairs are two answers to one prompt, the better first: columns prompt, chosen, rejected, agreement, margin;",
      "pairs tweets are made from what each rater said, pairs letters are a toy of raters who like vowels.",
      "tags reads a word and its tag a line (the last column), an empty line after a sentence, for each=token; names",
      "tagged B-PER I-PER are also counted whole.",
      "idx takes a file of images and one of labels, as MNIST has them; pixels a table, the class last in a line.",
    ], changes: true)

  /// The column of texts.
  public var text = "text"
  /// The column of labels.
  public var label = "label"
  /// How a row is put together; empty: that of tweets.
  public var template = ""
  /// Shares to learn from, for validation and held out, in per cent.
  public var split = [80, 10, 10]
  /// The seed of split and order.
  public var seed = 5
  /// Rows a batch.
  public var rows = 16
  /// The most tokens a row; 0: the model's context, with some positions left for prompts.
  public var ctx = 0
  /// The most pictures to learn from, for validation and held out; empty: all, or fewer for answers in words.
  public var most: [Int] = []
  /// How pictures are answered.
  var answer = PictureData.Answer.class
  /// Whose rows they are.
  public var like = LabellingTask.Like.own
  /// What a text of a file is.
  var by = CorpusData.Unit.line
  /// For dialogues: which tokens carry loss.
  var loss = LossMask.assistant
  /// For dialogues: how turns become text.
  var form = "plain"
  /// For dialogues: whether short rows are laid side by side.
  var packing = false
  /// For pairs: the columns of prompts, chosen and rejected answers.
  var prompt = "prompt", chosen = "chosen", rejected = "rejected"
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<DataCommand>] {
    [
      Option("text", \.text, "the column of texts"), Option("label", \.label, "the column of labels"),
      Option(
        "template", \.template, "how a row is put together, with {text}, {label} and, for ptuning, {prompt}"),
      Option("split", \.split, "per cent to learn from, for validation, held out: 80,10,10"),
      Option("seed", \.seed, "seed of split and order"), Option("rows", \.rows, "rows a batch", in: 1...4096),
      Option(
        "ctx", \.ctx, "the most tokens a row; 0 is the context less a few positions for prompts",
        in: 0...1_000_000),
      Option(
        "like", \.like, "tutorial: rows cut off at the right end, labels and all, as a known script does"),
      Option("by", \.by, "for running text: what one text of the file is"),
      Option("answer", \.answer, "for pictures: with a class, or in words by a model that reads text"),
      Option("most", \.most, "for pictures: at most so many to learn from, for validation, held out"),
    ] + feedback
  }
  /// What kind, and the file.
  public static var takes: Takes {
    Takes("tweets | fashion | digits | csv FILE | tsv FILE | jsonl FILE | text FILE | …", 1...3) {
      before, _ in
      before.isEmpty ? kinds : []
    }
  }
  private static let kinds =
    ["tweets"] + PictureSet.allCases.map(\.rawValue) + [
      "csv", "tsv", "jsonl", "text", "tags", "chat", "pairs", "idx", "pixels",
    ]

  /// Sixteen rows; 80 % to learn from.
  public init() {}

  /// Sets the data of the current model.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), kind = call.text(0) ?? ""
    let files = kind == "idx" ? 2 : Self.kinds.dropFirst(3).contains(kind) ? 1 : 0
    guard call.words.count <= files + 1 || !Self.kinds.contains(kind) else {
      throw Failure(
        "data \(kind) takes \(files == 0 ? "no file" : files == 1 ? "one file" : "two files").",
        place: call.places.last)
    }
    subject.lastEvaluation = nil
    if PictureSet(rawValue: kind) != nil || ["idx", "pixels"].contains(kind) {
      try pictures(kind, session, subject)
      return Done()
    }
    try session.checkStep(subject, rows: rows, columns: subject.rowLength(ctx))
    switch kind {
    case "tweets": labelled(try tweets(session, subject), session, subject)
    case "csv", "tsv", "jsonl": try table(kind, session, subject)
    case "text": try running(session, subject)
    case "tags": try tagged(session, subject)
    case "chat": try dialogues(session, subject)
    case "pairs": try pairs(session, subject)
    default:
      if let format = try? TextTable.format(of: kind) {
        throw Failure(
          "data needs the kind of file first.", cure: "data \(format.rawValue) \(kind)",
          place: call.places.first)
      }
      throw unknown("kind of data", kind, among: Self.kinds).at(call.places.first)
    }
    return Done()
  }

  private func labelled(_ data: LabelledData, _ session: Session, _ subject: Subject) {
    subject.source = data.source
    subject.task = TaskFacts(
      name: data.name, labels: data.source.task.labels.words, template: data.template.source)
    data.show(session, subject)
  }

  private func tweets(_ session: Session, _ subject: Subject) throws -> LabelledData {
    let tweets = try Tweets.read(session.surroundings.places)
    return try LabelledData(
      "tweets", [.train: tweets.train, .validation: tweets.validation, .heldout: tweets.heldOut],
      labels: Tweets.words,
      template: template.isEmpty ? .tweets : PromptTemplate(template), like: like, rows: rows,
      context: ctx, seed: seed, for: subject)
  }

  private func table(_ kind: String, _ session: Session, _ subject: Subject) throws {
    let (name, content) = try file(session)
    guard let format = TextTable.Format(rawValue: kind) else {
      throw Failure("\(kind) is no format of tables.")
    }
    let table = try TextTable(text: content, format: format, name: name)
    let all = try table.labelled(text: text, label: label), shares = try shares()
    let split = try Split(count: all.count, validation: shares.validation, test: shares.heldOut, seed: seed)
    guard !PairData.fits(all, subject) else {
      let data = try PairData(
        name, train: all.picked(split.train), heldOut: all.picked(split.validation) + all.picked(split.test),
        rows: rows, context: ctx, seed: seed, for: subject)
      (subject.source, subject.task) = (data.source, TaskFacts(name: name))
      return data.show(session, subject)
    }
    let data = try LabelledData(
      name,
      [
        .train: all.picked(split.train), .validation: all.picked(split.validation),
        .heldout: all.picked(split.test),
      ],
      labels: LabelSet(all.map(\.label)).words,
      template: template.isEmpty ? .tweets : PromptTemplate(template), like: like, rows: rows,
      context: ctx, seed: seed, for: subject)
    labelled(data, session, subject)
  }

  private func running(_ session: Session, _ subject: Subject) throws {
    let (name, content) = try file(session)
    let data = try CorpusData(
      name, content, by: by, heldOut: shares().heldOut, rows: rows, context: ctx, seed: seed, for: subject)
    subject.source = data.source
    subject.task = TaskFacts(name: name)
    data.show(session, subject)
  }

  private func tagged(_ session: Session, _ subject: Subject) throws {
    let (name, content) = try file(session)
    let all = try TaggedText.read(content, name: name), shares = try shares()
    let split = try Split(count: all.count, validation: 0, test: shares.heldOut, seed: seed)
    let data = try TaggedData(
      name, train: all.picked(split.train), heldOut: all.picked(split.test), rows: rows, context: ctx,
      seed: seed,
      for: subject)
    (subject.source, subject.task) = (data.source, TaskFacts(name: name))
    data.show(session, subject)
  }

  // MARK: Pictures

  private func pictures(_ kind: String, _ session: Session, _ subject: Subject) throws {
    let set = PictureSet(rawValue: kind)
    let all = try set.map { try $0.read(session.surroundings.places, seed: seed) } ?? own(kind, session)
    let isInWords = answer == .words, most = try most.isEmpty && isInWords ? [6000, 500, 1000] : limits()
    let parts =
      most.isEmpty
      ? all
      : PictureSet.Parts(
        train: all.train.prefix(most[0]), validation: all.validation.prefix(most[1]),
        heldOut: all.heldOut.prefix(most[2]))
    let name = set?.rawValue ?? Path.last(of: call.text(1) ?? "")
    let data: PictureData
    if isInWords {
      let template = try PromptTemplate(template.isEmpty ? PictureData.template : template)
      data = try PictureData(
        words: name, parts, template: template, rows: rows, seed: seed, for: subject, session)
    } else {
      data = try PictureData(classes: name, parts, rows: rows, seed: seed, for: subject)
    }
    subject.source = data.source
    subject.task = data.facts
    data.show(session, subject)
  }

  private func limits() throws -> [Int] {
    guard most.isEmpty || most.count == 3 && most[0] > 0 && most.allSatisfy({ $0 >= 0 }) else {
      throw Failure(
        "most=\(most.map(String.init).joined(separator: ",")) is not three counts.",
        cure: "To learn from, for validation, held out: most=6000,500,1000")
    }
    return most
  }

  /// Pictures of a person's own, put apart by the split.
  private func own(_ kind: String, _ session: Session) throws -> PictureSet.Parts {
    func bytes(_ place: Int) throws -> (name: String, bytes: [UInt8]) {
      guard let typed = call.text(place) else {
        throw Failure(
          kind == "idx" ? "data idx needs a file of images and one of labels." : "data pixels needs a file.",
          cure: kind == "idx" ? "data idx IMAGES LABELS" : "data pixels FILE")
      }
      let path = session.path(typed)
      return (Path.last(of: path), try session.surroundings.files.contents(of: path))
    }
    let all: LabelledPictures
    if kind == "idx" {
      let (images, labels) = (try bytes(1), try bytes(2))
      let classes = try IDX(labels.bytes, name: labels.name)
      let words = (0...Int(classes.bytes.max() ?? 0)).map(String.init)
      all = try LabelledPictures(
        images: IDX(images.bytes, name: images.name), labels: classes, words: words, name: images.name)
    } else {
      let table = try bytes(1)
      all = try PixelTable.read(table.bytes, name: table.name)
    }
    let shares = try shares()
    let split = try Split(count: all.count, validation: shares.validation, test: shares.heldOut, seed: seed)
    return PictureSet.Parts(
      train: all.picked(split.train), validation: all.picked(split.validation),
      heldOut: all.picked(split.test))
  }

  /// The file's last name and text.
  func file(_ session: Session) throws -> (name: String, text: String) {
    guard let typed = call.text(1) else {
      throw Failure("data \(call.text(0) ?? "") needs a file.", cure: "data \(call.text(0) ?? "csv") FILE")
    }
    let path = session.path(typed), files = session.surroundings.files
    do {
      let size = try files.size(of: path)
      guard size <= 256 << 20 else {
        throw Failure("\(typed) has \(bytes(size)); at most 256 MB are read.", cure: "Cut the file in parts")
      }
      let text = try files.text(of: path)
      return (
        Path.last(of: path), text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
      )
    } catch let failure as Failure { throw failure.at(call.places.last) }
  }

  func shares() throws -> (validation: Double, heldOut: Double) {
    guard split.count == 3, split.reduce(0, +) == 100, split[0] > 0,
      split.allSatisfy({ (0...100).contains($0) })
    else {
      throw Failure(
        "split=\(split.map(String.init).joined(separator: ",")) is not three shares that make 100 per cent.",
        cure: "To learn from, for validation, held out: split=80,10,10")
    }
    return (Double(split[1]) / 100, Double(split[2]) / 100)
  }
}
