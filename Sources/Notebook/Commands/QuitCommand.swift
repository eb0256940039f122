import Options

/// `quit`: the end of the session.
public struct QuitCommand: Command {
  /// What it says of itself.
  public static let card = Card("quit", "Leaves; Ctrl-D at an empty prompt does too.", examples: ["quit"])

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Asks the face to end.
  public func run(_ session: Session) throws -> Done {
    session.isOver = true
    return .unrecorded
  }
}

/// `exit`: the same as `quit`.
public struct ExitCommand: Command {
  /// What it says of itself.
  public static let card = Card("exit", "Leaves, as quit does.", examples: ["exit"])

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Asks the face to end.
  public func run(_ session: Session) throws -> Done { try QuitCommand().run(session) }
}
