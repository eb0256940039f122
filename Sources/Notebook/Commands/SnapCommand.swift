import Events
import Options

/// `snap`: the parameters as they are now, under a name.
public struct SnapCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "snap", "Keeps the parameters as they are now under a name, for diff.",
    use: "Alone it lists what is kept.",
    examples: ["snap before", "step 10; diff before"],
    notes: [
      "A snap copies nothing: values are replaced in training, never written over, so a reference is enough."
    ],
    changes: true)

  /// What was typed.
  public var call = Call()
  /// The name.
  public static var takes: Takes { Takes("[NAME]", 0...1) }

  /// None named yet.
  public init() {}

  /// Keeps them, or lists the snaps.
  public func run(_ session: Session) throws -> Done {
    guard let name = call.text(0) else {
      guard !session.snaps.isEmpty else {
        session.say("no snaps yet: snap before keeps the parameters as they are now")
        return .unrecorded
      }
      let rows = session.snaps.sorted { $0.key < $1.key }
        .map { [Datum.words($0.key), .words($0.value.subject), .count($0.value.values.count)] }
      session.emit(.table(Table(columns: ["snap", "of", .init("tensors", .right)], rows: rows)))
      return .unrecorded
    }
    guard !DiffCommand.fixed.contains(name) else {
      throw Failure(
        "“\(name)” always means \(name == "now" ? "the present" : "the base") in diff.",
        cure: "Choose another name.", place: call.places.first)
    }
    let subject = try session.current(), isNew = session.snaps[name] == nil
    let values = Dictionary(subject.model.parameters.map { ($0.name, $0.value) }) { first, _ in first }
    session.snaps[name] = Snap(subject: subject.name, values: values)
    session.say(
      StyledText("\(values.count) tensors kept as ") + .strong(name)
        + StyledText(isNew ? "" : ", in place of the earlier ones")
        + .dim("   diff \(name) compares"))
    return Done()
  }
}
