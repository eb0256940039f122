import Engine
import Events
import Options

/// `embed`: texts as vectors, and how near they are to each other.
public struct EmbedCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "embed", "Shows how near texts are to each other, by the mean of a model's states over their tokens.",
    formula: "e = m/‖m‖, m = mean of the last states over the tokens        cos(a, b) = e_a·e_b",
    paper: "Reimers and Gurevych 2019, arXiv:1908.10084",
    use: "For encoders that were trained for it, such as MiniLM: get minilm, then let e = open minilm.",
    examples: ["embed \"a cat sleeps\" \"a kitten naps\" \"stocks fell\"", "embed \"warm\" \"cold\" @e"],
    notes: [
      "As sentence-transformers does it: marks around a text count, padding does not.",
      "In formulas: cos(embedding(\"a\"), embedding(\"b\")). judge similarity judges by it.",
    ])

  /// What was typed.
  public var call = Call()
  /// The texts.
  public static var takes: Takes { Takes("\"TEXT\" …", 1...12) }

  /// No text yet.
  public init() {}

  /// Shows the cosines.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), texts = call.words.indices.map { call.text($0) ?? "" }
    let vectors = try subject.embeddings(texts, interrupt: session.interrupt)
    let cosines = try vectors.matmul(vectors, transposed: true).scalars, count = texts.count
    let columns: [Table.Column] =
      [.init("", priority: 0), .init("text", priority: 0)]
      + (1...count).map { .init("\($0)", .right, priority: $0) }
    let rows = texts.indices.map { i -> [Datum] in
      [.count(i + 1), .words(texts[i])] + (0..<count).map { .number(Double(cosines[i * count + $0])) }
    }
    session.emit(.table(Table(columns: columns, rows: rows)))
    session.say(.dim("cosines of vectors of \(vectors.shape[1]) numbers, the mean over each text's tokens"))
    return .unrecorded
  }
}
