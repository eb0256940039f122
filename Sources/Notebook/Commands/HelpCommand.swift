import Options

/// `help`: what `?` shows.
public struct HelpCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "help", "Shows help on a topic, as ?topic does; without one, the list of commands.",
    examples: ["help", "help lora", "help lora.r", "help choose"],
    notes: ["??topic shows more, with the source."])

  /// What was typed.
  public var call = Call()
  /// A topic.
  public static var takes: Takes { Takes("[TOPIC]", 0...1) { _, session in Help(session).topics } }

  /// The list.
  public init() {}

  /// Shows it.
  public func run(_ session: Session) throws -> Done {
    do { try Help(session).show(call.text(0) ?? "", isDeep: false) } catch let failure as Failure {
      throw failure.at(call.places.first)
    }
    return .unrecorded
  }
}
