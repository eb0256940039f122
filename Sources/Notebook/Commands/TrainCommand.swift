import Engine
import Events
import Options

/// `train`: many steps with an evaluation before and after.
public struct TrainCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "train", "Evaluates, makes many steps, evaluates again.",
    use: "Labelled texts are evaluated on their validation part; eval measures on what is held out.",
    examples: ["train 100", "train 200 lr=3e-3"], changes: true)

  /// The learning rate; 0: as it is.
  public var lr: Float = 0
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<TrainCommand>] {
    [Option("lr", \.lr, "the learning rate from now on; 0 leaves it", in: 0...1e6)]
  }
  /// How many.
  public static var takes: Takes { Takes("[N]", 0...1) { _, _ in ["100", "300"] } }

  /// A hundred steps.
  public init() {}

  /// Trains.
  public func run(_ session: Session) throws -> Done {
    let steps = try call.integer(0, "a number of steps") ?? 100
    if lr > 0 { try session.current().trainer.state.rate = lr }
    // What was found at the end stands with the entry: done again, only the steps are made.
    let part = EvalCommand.choosing(session)
    if session.replay == nil { try EvalCommand.show(session, split: part) }
    var done = try Training.run(steps, session)
    guard session.replay == nil, done.failure == nil, !session.interrupt.isRaised else { return done }
    do { try EvalCommand.show(session, split: part) } catch EngineError.interrupted {
      session.say(.dim("the evaluation was stopped; the steps stand"))
    } catch { done.failure = error }
    return done
  }
}
