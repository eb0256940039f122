import Events
import Options

/// `tape`: what was done, as a tree.
public struct TapeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "tape", "Shows what was done: every command that changed something, with its branches.",
    examples: ["tape", "goto 3", "undo"])

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Shows it.
  public func run(_ session: Session) throws -> Done {
    let timeline = session.timeline
    let onPath = Set(timeline.path.map(\.id))
    let rows = timeline.entries.dropFirst().map { entry -> [Datum] in
      let names = timeline.branches.filter { $0.value == entry.id }.map(\.key).sorted().joined(separator: " ")
      let mark = entry.id == timeline.head ? "→" : onPath.contains(entry.id) ? "·" : ""
      let loss: Datum = entry.losses.last.map { .number($0) } ?? .empty
      return [
        .words(mark), .count(entry.id), .words(entry.text),
        entry.parent == entry.id - 1 ? .empty : .words("after \(entry.parent)"), loss, .words(names),
      ]
    }
    guard !rows.isEmpty else {
      session.say("the tape is empty: nothing was changed yet")
      return .unrecorded
    }
    session.emit(
      .table(
        Table(
          columns: [
            .init("", priority: 0), .init("entry", .right, priority: 0), .init("what", priority: 0), "from",
            .init("loss", .right), "branch",
          ], rows: rows)))
    let kept = bytes(timeline.bytes), most = bytes(timeline.budget)
    session.say(.dim("steps kept for going back: \(kept) of \(most)"))
    return .unrecorded
  }
}
