import Events
import Options

/// `goto`: any entry of the tape, or a branch.
public struct GotoCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "goto", "Goes to an entry of the tape by number, or to a branch by name.",
    examples: ["goto 12", "goto high-lr", "goto 0"])

  /// What was typed.
  public var call = Call()
  /// The entry or branch.
  public static var takes: Takes {
    Takes("ENTRY", 1...1) { _, session in session.timeline.branches.keys.sorted() }
  }

  /// None yet.
  public init() {}

  /// Goes there.
  public func run(_ session: Session) throws -> Done {
    let timeline = session.timeline
    let word = call.words[0]
    guard let id = word.asInteger ?? timeline.branches[word.asText ?? ""] else {
      throw unknown("branch", word.asText ?? "\(word)", among: timeline.branches.keys.sorted()).at(
        call.places.first)
    }
    guard timeline.entries.indices.contains(id) else {
      throw Failure(
        "the tape has entries 0 to \(timeline.entries.count - 1).", cure: "tape shows them",
        place: call.places.first)
    }
    try session.move(to: id)
    session.say(
      StyledText("at entry \(id)") + (id == 0 ? "" : ", after " + .code(timeline.entries[id].text))
        + StyledText(session.whereabouts))
    return .unrecorded
  }
}
