import Events
import Options

/// `watch`: formulas shown after each step.
public struct WatchCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "watch", "Shows a formula after each training step.",
    use: "Alone it lists what is watched; watch off ends it.",
    examples: ["watch norm(blocks.0.attn.qkv.lora.B)", "watch loss() acc()", "watch off"], changes: true)

  /// What was typed.
  public var call = Call()
  /// Formulas, or `off`.
  public static var takes: Takes { Takes("[FORMULA | off]", 0...8, isFormula: true) { _, _ in ["off"] } }

  /// Nothing yet.
  public init() {}

  /// Watches, ends watching, or lists.
  public func run(_ session: Session) throws -> Done {
    guard let first = call.arguments.first else {
      list(session)
      return .unrecorded
    }
    if first.literal?.asText == "off" {
      let named = try call.formulas(from: 1)
      guard !session.watches.isEmpty else {
        throw Failure("nothing is watched.", cure: "watch loss() watches the loss")
      }
      if let wrong = named.first(where: { !session.watches.contains($0.text) }) {
        throw unknown("watched formula", wrong.text, among: session.watches).at(wrong.place)
      }
      session.watches.removeAll { text in named.isEmpty || named.contains { $0.text == text } }
      session.say(
        session.watches.isEmpty
          ? "nothing is watched any more" : "still watched: \(session.watches.joined(separator: "   "))")
      return Done()
    }
    for formula in try call.formulas() {
      let value = try formula.value(session)
      if !session.watches.contains(formula.text) { session.watches.append(formula.text) }
      session.say(
        "watching " + .code(formula.text) + StyledText(", now \(value.brief); shown after each step"))
    }
    return Done()
  }

  private func list(_ session: Session) {
    guard !session.watches.isEmpty else {
      return session.say("nothing is watched: watch loss() shows the loss after each step")
    }
    session.emit(.facts(Facts("watched", session.watchedFacts)))
  }
}

extension Session {
  /// The watched formulas with their values; one that cannot be computed any more says so and stops nothing.
  var watchedFacts: [Facts.Fact] {
    watches.map { text in
      guard let value = try? value(of: text) else { return Facts.Fact(text, "cannot be computed now") }
      return Facts.Fact(text, value.asNumber.map { .number($0) } ?? .words(value.brief))
    }
  }
}
