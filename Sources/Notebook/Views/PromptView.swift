import Engine
import Events
import Networks
import Options

/// `show prompt`: the vectors that stand before the text, beside the words that the model knows.
public struct PromptView: View {
  /// What it says of itself.
  public static let card = Card(
    "prompt",
    "Vectors before the text: their lengths, the nearest words.",
    formula: "cosine = p·w / (‖p‖·‖w‖)        for every word w of the embedding",
    examples: ["show prompt", "show prompt n=5"],
    notes: [
      "A vector need not be near any word: what steers a model is seldom a word that one could have typed."
    ])

  /// How many words for each vector.
  public var n = 3

  /// Its options.
  public static var options: [Option<PromptView>] {
    [Option("n", \.n, "how many of the nearest words", in: 1...20)]
  }

  /// With the three nearest words.
  public init() {}

  /// Lists them.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    guard let vectors = try subject.model.addedVectors(Pass()), vectors.shape[0] > 0 else {
      throw Failure("no method puts vectors before the text of \(subject.name).", cure: "attach prompt n=4")
    }
    guard let table = subject.model.site("embed")?.weight?.value.plain else {
      throw Failure("\(subject.name) has no table of words to compare with.")
    }
    let lengths = try Self.lengths(table), own = try Self.lengths(vectors)
    let products = try vectors.matmul(table, transposed: true).scalars, words = table.shape[0]
    let rows = (0..<vectors.shape[0]).map { i -> [Datum] in
      let cosines = (0..<words).map { w -> Float in
        let size = own[i] * lengths[w]
        return size > 0 ? products[i * words + w] / size : 0
      }
      let nearest = cosines.indices.sorted { (cosines[$0], $1) > (cosines[$1], $0) }.prefix(n)
      let text = nearest.map { "\(subject.tokenizer.token($0)) \(formatted(cosines[$0]))" }
      return ["p\(i)", .number(own[i]), .words(text.joined(separator: "   "))]
    }
    let columns: [Table.Column] = [
      .init("vector", priority: 0), .init("‖p‖", .right, priority: 0),
      .init("nearest words, cosine", priority: 1),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    let sorted = lengths.sorted(), mean = lengths.reduce(0, +) / Float(max(1, words))
    session.say(
      .dim(
        "words of the vocabulary: ‖w‖ from \(formatted(sorted.first ?? 0)) to \(formatted(sorted.last ?? 0)), "
          + "mean \(formatted(mean))"))
  }

  private static func lengths(_ rows: Tensor) throws -> [Float] {
    let width = rows.width, values = rows.scalars
    return (0..<rows.shape[0]).map { i in
      var sum: Double = 0
      for x in values[i * width..<(i + 1) * width] { sum += Double(x) * Double(x) }
      return Float(sum.squareRoot())
    }
  }
}
