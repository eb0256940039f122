import Events
import Options

/// `branch`: a name for this point of the tape.
public struct BranchCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "branch", "Names this point of the tape, to come back to with goto.",
    examples: ["branch before-lr", "branch"])

  /// What was typed.
  public var call = Call()
  /// The name.
  public static var takes: Takes { Takes("[NAME]", 0...1) }

  /// Without a name: lists them.
  public init() {}

  /// Names it, or lists the names.
  public func run(_ session: Session) throws -> Done {
    guard let name = call.text(0) else {
      let rows = session.timeline.branches.sorted { $0.value < $1.value }
        .map { [Datum.words($0.key), .count($0.value), .words(session.timeline.entries[$0.value].text)] }
      guard !rows.isEmpty else {
        session.say("no branches yet: branch NAME makes one here")
        return .unrecorded
      }
      session.emit(.table(Table(columns: ["branch", "entry", "after"], rows: rows)))
      return .unrecorded
    }
    guard Int(name) == nil else {
      throw Failure(
        "a branch cannot be named by a number: goto \(name) means an entry.", place: call.places.first)
    }
    session.timeline.branches[name] = session.timeline.head
    session.journal?("branch \(Syntax.spelling(of: .text(name)))")
    session.say("entry \(session.timeline.head) is called " + .strong(name) + "; goto \(name) comes back")
    return .unrecorded
  }
}
