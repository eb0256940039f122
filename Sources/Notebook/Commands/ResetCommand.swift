import Events
import Options
import Training

/// `reset`: training from the start again.
public struct ResetCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "reset", "Forgets the optimizer's moments and starts the step count and the data anew; weights stay.",
    examples: ["reset"], changes: true)

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Resets it.
  public func run(_ session: Session) throws -> Done {
    let trainer = try session.current().trainer
    trainer.state = trainer.state.restarted
    session.say("step 0 again: moments, step count and data position are new; weights are as they were")
    return Done()
  }
}
