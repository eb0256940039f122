import Data
import Events
import FileSystem
import Formats
import Options
import Training

/// `data`: real texts to train on.
public struct DataCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "data",
    "Sets the texts that the model trains on: labelled ones, to be answered in words, or running text.",
    formula: "a row is: template with the text, then the label; only the label's tokens carry loss",
    use:
      "get tweets fetches tweets with labels; csv, tsv and jsonl read a file of yours; text reads any text.",
    examples: [
      "data tweets", "data csv mails.csv text=body label=kind template=\"Mail: {text} Kind: {label}\"",
      "data jsonl rows.jsonl split=80,10,10", "data text book.txt by=paragraph",
    ],
    notes: [
      "Rows are padded on the left; one that is too long loses the end of its text, never of template or label.",
      "The split is drawn by the seed, the same every time; eval measures on what is held out.",
      "Tweets come with a split of their own that keeps near-duplicates together.",
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
  /// What a text of a file is.
  var by = CorpusData.Unit.line
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
      Option("by", \.by, "for running text: what one text of the file is"),
    ]
  }
  /// What kind, and the file.
  public static var takes: Takes {
    Takes("tweets | csv FILE | tsv FILE | jsonl FILE | text FILE", 1...2) { before, _ in
      before.isEmpty ? kinds : []
    }
  }
  private static let kinds = ["tweets", "csv", "tsv", "jsonl", "text"]

  /// Sixteen rows; 80 % to learn from.
  public init() {}

  /// Sets the data of the current model.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), kind = call.text(0) ?? ""
    try session.checkStep(subject, rows: rows, columns: subject.rowLength(ctx))
    switch kind {
    case "tweets":
      guard call.words.count == 1 else {
        throw Failure("data tweets takes no file.", place: call.places.last)
      }
      try labelled(tweets(session, subject), session, subject)
    case "csv", "tsv", "jsonl": try labelled(table(kind, session, subject), session, subject)
    case "text": try running(session, subject)
    default:
      if let format = try? TextTable.format(of: kind) {
        throw Failure(
          "data needs the kind of file first.", cure: "data \(format.rawValue) \(kind)",
          place: call.places.first)
      }
      throw unknown("kind of data", kind, among: Self.kinds).at(call.places.first)
    }
    subject.lastEvaluation = nil
    return Done()
  }

  private func labelled(_ data: LabelledData, _ session: Session, _ subject: Subject) throws {
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
      template: template.isEmpty ? .tweets : PromptTemplate(template), rows: rows, context: ctx, seed: seed,
      for: subject)
  }

  private func table(_ kind: String, _ session: Session, _ subject: Subject) throws -> LabelledData {
    let (name, content) = try file(session)
    guard let format = TextTable.Format(rawValue: kind) else {
      throw Failure("\(kind) is no format of tables.")
    }
    let table = try TextTable(text: content, format: format, name: name)
    let all = try table.labelled(text: text, label: label), shares = try shares()
    let split = try Split(count: all.count, validation: shares.validation, test: shares.heldOut, seed: seed)
    return try LabelledData(
      name,
      [
        .train: all.picked(split.train), .validation: all.picked(split.validation),
        .heldout: all.picked(split.test),
      ],
      labels: LabelSet(all.map(\.label)).words,
      template: template.isEmpty ? .tweets : PromptTemplate(template), rows: rows,
      context: ctx, seed: seed, for: subject)
  }

  private func running(_ session: Session, _ subject: Subject) throws {
    let (name, content) = try file(session)
    let data = try CorpusData(
      name, content, by: by, heldOut: shares().heldOut, rows: rows, context: ctx, seed: seed, for: subject)
    subject.source = data.source
    subject.task = TaskFacts(name: name)
    data.show(session, subject)
  }

  /// The file's last name and text.
  private func file(_ session: Session) throws -> (name: String, text: String) {
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

  private func shares() throws -> (validation: Double, heldOut: Double) {
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
