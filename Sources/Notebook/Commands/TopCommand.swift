import Engine
import Events
import Networks
import Options

/// `top`: the most probable next tokens.
public struct TopCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "top",
    "Shows the most probable tokens after a text, or the most probable classes of it or of its tokens.",
    formula: "p = softmax(logits at the last token)",
    examples: ["top \"e\"", "top \"eg\" k=3", "top \"e\" base", "top picture=0"],
    notes: [
      "picture=3 shows it the data's held-out picture 3, and asks what the data asks unless a text is given."
    ])

  /// How many.
  public var k = 5
  /// Whether attachments are left out.
  public var base = false
  /// The number of a held-out picture; empty: none.
  public var picture: [Int] = []
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<TopCommand>] {
    [
      Option("k", \.k, "how many tokens", in: 1...100), Option("base", \.base, "leave attachments out"),
      Option("picture", \.picture, "a held-out picture of the data that it is to look at, by its number"),
    ]
  }
  /// The text.
  public static var takes: Takes { Takes("\"TEXT\"", 0...1) }

  /// Five.
  public init() {}

  /// Runs the model and shows them.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let looked = try picture.first.map { try HeldOutPicture($0, of: subject) }
    looked?.show(session, subject)
    let text = try call.text(0).map { try subject.tokens($0, at: call.places.first) }
    guard let ids = text ?? looked?.prompt else {
      throw Failure("top looks at what follows a text.", cure: "top \"e\"")
    }
    var input = Input([ids])
    input.features = looked?.features
    guard subject.model.network.answers != .tokens else { return try showTokens(input, subject, session) }
    let p = try Functions.nextProbabilities(subject, input, isBase: base).scalars
    let order = p.indices.sorted { p[$0] != p[$1] ? p[$0] > p[$1] : $0 < $1 }.prefix(k)
    let isOnce = subject.model.network.answers == .rows, labels = subject.source?.labels ?? []
    let items = order.map { i -> Bars.Item in
      Bars.Item(
        isOnce ? labels.word(ofClass: i) : subject.tokenizer.token(i), Double(shortest: p[i]))
    }
    session.emit(.bars(Bars("", items, inline: true)))
    return .unrecorded
  }

  /// Each token of a text with its most probable class.
  private func showTokens(_ input: Input, _ subject: Subject, _ session: Session) throws -> Done {
    let ids = input.ids[0], logits = try subject.model.logits(input, Pass(isBase: base))
    let labels = subject.source?.labels ?? []
    let p = try logits.reshaped([ids.count, logits.width]).softmax(), all = p.scalars
    let rows = zip(ids, p.mostProbable).enumerated().map { place, best -> [Datum] in
      [
        .words(subject.tokenizer.token(best.0)), .words(labels.word(ofClass: best.1)),
        .number(all[place * p.width + best.1]),
      ]
    }
    session.emit(.table(Table(columns: ["token", "class", .init("p", .right, priority: 0)], rows: rows)))
    return .unrecorded
  }
}
