import Events
import Options

/// `undo`: the last cell, as if it had not been.
public struct UndoCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "undo", "Takes back what the last cell changed, bit for bit.",
    use: "step -n goes back by training steps; undo by whole cells. Files that were written stay.",
    examples: ["undo", "undo 3", "redo"])

  /// What was typed.
  public var call = Call()
  /// How many.
  public static var takes: Takes { Takes("[N]", 0...1) }

  /// One.
  public init() {}

  /// Goes back.
  public func run(_ session: Session) throws -> Done {
    let count = try call.integer(0, "a number of cells") ?? 1
    guard count > 0 else { throw Failure("undo takes a number from 1.", place: call.places.first) }
    let timeline = session.timeline
    var at = timeline.head, made = 0, cells: [[String]] = [], isWritten = false
    while made < count {
      guard at != 0 else {
        throw Failure(
          made == 0
            ? "there is nothing to undo: this is the start of the session."
            : "there \(made == 1 ? "is 1 cell" : "are \(made) cells") to undo, not \(count).",
          cure: made == 0 ? "redo goes forward again" : "undo \(made) goes to the start",
          place: call.places.first)
      }
      let first = timeline.groupStart(at)
      let entries = timeline.path(to: at).drop { $0.id != first }
      cells.append(entries.map(\.text))
      isWritten = isWritten || entries.contains { session.writtenAt.contains($0.id) }
      at = timeline.entries[first].parent
      made += 1
    }
    try session.move(to: at)
    for (i, texts) in cells.enumerated() {
      let shown = texts.count > 3 ? texts.prefix(2) + ["… (\(texts.count) in all)"] : texts[...]
      let place = i == cells.count - 1 ? session.whereabouts : ""
      session.say("undid " + .code(shown.joined(separator: "; ")) + StyledText(place))
    }
    if isWritten {
      session.say(.dim("files that were written stay as they are"))
    }
    return .unrecorded
  }
}

extension Session {
  /// Where training stands, for the line after a move in time.
  var whereabouts: String {
    guard let subject = currentSubject else { return ": an empty session" }
    let step = subject.trainer.state.step
    return step == 0 ? ": before the first step" : ": step \(step) again"
  }
}
