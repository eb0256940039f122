import Events
import Options

/// `show`: looking inside.
public struct ShowCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "show", "Looks inside the model, the data and the training.", use: "Alone it lists what there is to see.",
    examples: ["show", "show shapes", "show grad", "show delta blocks.0.attn.qkv"])

  /// Where what is shown is written as a picture; empty: nowhere.
  public var save = ""
  /// What was typed.
  public var call = Call()

  /// Its options; those of the view are handed through.
  public static var options: [Option<ShowCommand>] {
    [Option("save", \.save, "write what is shown as a picture too: FILE.svg", kind: .path)]
  }
  /// The view and what it takes; its options are handed through.
  public static var takes: Takes {
    Takes("VIEW [PLACE]", 0...4, takesFurther: true) { before, session in
      guard let name = before.first, let view = try? Views.named(name) else { return Views.names }
      return view.takes.candidates(Array(before.dropFirst()), session)
    }
  }
  /// The view's options.
  public static func further(_ words: [String], _ session: Session) -> [OptionFacts] {
    guard let name = words.first, let view = try? Views.named(name) else { return [] }
    func facts<V: View>(_: V.Type) -> [OptionFacts] { V.options.map { $0.facts(V()) } }
    return facts(view)
  }

  /// Nothing chosen yet.
  public init() {}

  /// Shows it.
  public func run(_ session: Session) throws -> Done {
    guard let name = call.text(0) else {
      let widest = Views.names.map(\.count).max() ?? 0
      let lines = Views.all.map { view in
        let pad = String(repeating: " ", count: widest + 2 - view.card.name.count)
        return .code("show " + view.card.name) + StyledText(pad + view.card.sentence)
      }
      session.emit(.prose(Prose(lines)))
      return .unrecorded
    }
    do {
      let view = try Views.named(name)
      try session.drawing(to: save) { try show(view, session) }
    } catch let failure as Failure {
      let isCommand = session.commands.contains { $0.card.name == name } && !Views.names.contains(name)
      guard isCommand else { throw failure.at(call.places.first) }
      throw Failure(
        "\(name) is a command of its own, not a view.", cure: "Type: \(name)", place: call.places.first)
    }
    return .unrecorded
  }

  private func show<V: View>(_: V.Type, _ session: Session) throws {
    var view = V(), inner = call
    try V.options.write(call.further, into: &view, of: "show \(V.card.name)")
    inner.further = []
    inner.words.removeFirst()
    inner.arguments.removeFirst()
    inner.places.removeFirst()
    for i in inner.words.indices.reversed() {
      guard let row = V.options.first(where: { $0.kind == .flag && $0.name == inner.words[i].asText }) else {
        continue
      }
      try row.write(&view, .flag(true))
      inner.words.remove(at: i)
      inner.arguments.remove(at: i)
      inner.places.remove(at: i)
    }
    guard V.takes.count.contains(inner.words.count) else {
      let usage = ["show", V.card.name, V.takes.usage].filter { !$0.isEmpty }.joined(separator: " ")
      let isShort = inner.words.count < V.takes.count.lowerBound
      throw Failure(
        isShort ? "show \(V.card.name) needs \(V.takes.usage)." : "show \(V.card.name) takes fewer words.",
        cure: "It is typed as: \(usage)", place: isShort ? nil : inner.places.last)
    }
    try view.show(session, session.current(), inner)
  }
}
