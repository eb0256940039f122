import Events
import Options

/// `redo`: forward again to where undo came from.
public struct RedoCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "redo", "Goes forward again to what undo took back.", examples: ["redo", "redo 3"])

  /// What was typed.
  public var call = Call()
  /// How many.
  public static var takes: Takes { Takes("[N]", 0...1) }

  /// One.
  public init() {}

  /// Goes forward.
  public func run(_ session: Session) throws -> Done {
    let count = try call.integer(0, "a number of cells") ?? 1
    guard count > 0 else { throw Failure("redo takes a number from 1.", place: call.places.first) }
    let timeline = session.timeline
    var at = timeline.head, texts: [String] = []
    for made in 0..<count {
      guard var next = timeline.entries[at].lastChild else {
        throw Failure(
          made == 0
            ? "there is nothing to redo: nothing was undone here."
            : "there \(made == 1 ? "is 1 cell" : "are \(made) cells") to redo, not \(count).",
          cure: made == 0 ? "tape shows what there is" : "redo \(made) does", place: call.places.first)
      }
      texts.append(timeline.entries[next].text)
      while let after = timeline.entries[next].lastChild,
        timeline.entries[after].group == timeline.entries[next].group
      {
        next = after
        texts.append(timeline.entries[next].text)
      }
      at = next
    }
    try session.move(to: at)
    let shown = texts.count > 3 ? texts.prefix(2) + ["… (\(texts.count) in all)"] : texts[...]
    session.say("redid " + .code(shown.joined(separator: "; ")) + StyledText(session.whereabouts))
    return .unrecorded
  }
}
