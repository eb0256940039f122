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
    for _ in 0..<count {
      let timeline = session.timeline
      guard var next = timeline.entries[timeline.head].lastChild else {
        throw Failure("there is nothing to redo: nothing was undone here.", cure: "tape shows what there is")
      }
      let group = timeline.entries[next].group
      var texts = [timeline.entries[next].text]
      while let after = timeline.entries[next].lastChild, timeline.entries[after].group == group {
        next = after
        texts.append(timeline.entries[next].text)
      }
      try session.move(to: next)
      session.say("redid " + .code(texts.prefix(3).joined(separator: "; ")) + StyledText(session.whereabouts))
    }
    return .unrecorded
  }
}
