import Data
import Events
import Options
import Training

/// Running text on its way to becoming a model's task: cut into texts, some held out, counted.
struct CorpusData {
  /// What stands between two texts of a file.
  enum Unit: String, CaseIterable { case line, paragraph, file }

  let source: CorpusBatches
  /// The most bytes that are held out: an evaluation shall take seconds.
  private static let mostHeldOut = 200_000

  /// Texts of a file as batches for a model; a seeded share of them is held out.
  init(
    _ name: String, _ text: String, by unit: Unit, heldOut share: Double, rows: Int, context: Int, seed: Int,
    for subject: Subject
  ) throws {
    let texts = Self.texts(text, unit)
    guard !texts.isEmpty else { throw Failure("\(name) holds no text.", cure: "Is it the right file?") }
    let (train, test) = try Self.parts(texts, share, seed)
    guard subject.model.network.answers == .positions else {
      throw Failure(
        "\(subject.name) answers with classes, and running text has none.",
        cure: "gpt makes one that goes on with text")
    }
    guard subject.model.network.start == nil else {
      throw Failure(
        "\(subject.name) reads a text and writes an answer, and running text has none.",
        cure: "data csv FILE text=COLUMN label=COLUMN gives it texts with answers")
    }
    let length = try subject.rowLength(context), tokenizer = subject.tokenizer
    do {
      source = CorpusBatches(
        name, training: try Corpus(train, tokenizer: tokenizer, context: length),
        heldOut: try Corpus(test, tokenizer: tokenizer, context: length), tokenizer: tokenizer, rows: rows,
        seed: seed)
    } catch let failure as Failure
      where failure.what.contains("end-of-text") || failure.what.contains("has no id")
    {
      throw Failure(
        "\(subject.name) reads \(tokenizer.name), not running text.",
        cure: "A base that reads any text: let m = gpt base=reviews", details: [failure.what])
    }
  }

  private static func texts(_ text: String, _ unit: Unit) -> [String] {
    let whole = text.replacing("\r\n", with: "\n")
    switch unit {
    case .file: return whole.contains { !$0.isWhitespace } ? [whole] : []
    case .line:
      return whole.split(separator: "\n").map(String.init).filter { $0.contains { !$0.isWhitespace } }
    case .paragraph:
      var out: [[Substring]] = [[]]
      for line in whole.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.contains(where: { !$0.isWhitespace }) {
          out[out.count - 1].append(line)
        } else {
          out.append([])
        }
      }
      return out.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
    }
  }

  /// Whole texts are held out where there are enough; of a few, the end of their text.
  private static func parts(_ texts: [String], _ share: Double, _ seed: Int) throws -> ([String], [String]) {
    if texts.count >= 20 {
      let split = try Split(count: texts.count, validation: 0, test: share, seed: seed)
      var test: [String] = [], size = 0
      for text in texts.picked(split.test) where size < mostHeldOut {
        test.append(text)
        size += text.utf8.count
      }
      if !test.isEmpty { return (texts.picked(split.train.sorted()), test) }
    }
    let whole = Array(texts.joined(separator: "\n").unicodeScalars)
    let cut = whole.count - max(1, min(Int(Double(whole.count) * max(share, 0.01)), mostHeldOut))
    guard cut > 0 else {
      throw Failure("there is too little text to hold some of it out.", cure: "Give a longer file")
    }
    func text(_ part: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(part)) }
    return ([text(whole[..<cut])], [text(whole[cut...])])
  }

  /// What is shown once it is set.
  func show(_ session: Session, _ subject: Subject) {
    func line(_ corpus: Corpus) -> [Datum] {
      [.count(corpus.texts), .bytes(corpus.bytes), .count(corpus.ids.count), .count(corpus.count)]
    }
    session.emit(
      .table(
        Table(
          columns: ["part", "texts", "bytes", "tokens", "windows"],
          rows: [
            [.words("to learn from")] + line(source.training), [.words("held out")] + line(source.heldOut),
          ])))
    let window = source.training[0].ids
    session.say(.dim("it begins ") + .code(subject.tokenizer.decode(Array(window.prefix(24)))))
    session.say(
      .dim(
        "windows of \(source.training.context) tokens, \(source.rows) a batch; every token but a window's first carries loss"
      ))
  }
}
