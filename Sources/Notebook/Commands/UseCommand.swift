import Events
import Options

/// `use`: which model commands speak of.
public struct UseCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "use", "Chooses the model that commands speak of.",
    use: "@name before or after a command's words does so for that command alone.",
    examples: ["use m2"], changes: true)

  /// What was typed.
  public var call = Call()
  /// The model.
  public static var takes: Takes { Takes("MODEL", 0...1) { _, session in session.models.map(\.name) } }

  /// None named yet.
  public init() {}

  /// Chooses it.
  public func run(_ session: Session) throws -> Done {
    guard let name = call.text(0) ?? call.subject else {
      throw Failure(
        "use needs the name of a model.",
        cure: "There are: " + session.models.map(\.name).joined(separator: " "))
    }
    let subject = try session.subject(name)
    session.currentName = subject.name
    session.say(.strong(subject.name) + "  " + StyledText(subject.summary))
    return Done()
  }
}
