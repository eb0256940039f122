import Engine
import Events
import Options

/// `train`: many steps with evaluations, a log, checkpoints, and the best of them at the end.
public struct TrainCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "train", "Makes many steps and evaluates: before and after, or every so many steps.",
    use: "Labelled texts are evaluated on their validation part; eval measures on what is held out.",
    examples: [
      "train 100", "train 200 lr=3e-3", "train epochs=20 lr=3e-2 schedule=linear every=10 best=loss",
      "train 500 every=50 patience=3 save=runs/tweets log=runs/tweets.jsonl",
    ],
    notes: [
      "With every=10 each ten steps are an entry of the tape, step 10; undo takes the whole run back.",
      "best=loss ends at the evaluation with the lowest loss: the steps after it are taken back, bit for bit.",
      "save=DIR keeps the session at each evaluation, DIR/step-10 and so on; load DIR/step-10 goes on from there",
      "to the same bits. log=FILE adds a line of JSON for each evaluation.",
      "schedule=linear lets lr fall to 0 over the steps of this run, after warmup= of them; lr sets a longer one.",
    ], changes: true)

  /// What the best evaluation is.
  public enum Best: String, CaseIterable, Sendable {
    /// None: the run ends at its last step.
    case no
    /// The lowest loss.
    case loss
    /// The highest accuracy; of labelled texts and classes, balanced over the labels.
    case accuracy
  }

  /// The learning rate; 0: as it is.
  public var lr: Float = 0
  /// Times that all data are learnt from; 0: the number of steps counts.
  public var epochs: Float = 0
  /// Steps from evaluation to evaluation; 0: one before and one after.
  public var every = 0
  /// Which evaluation the run ends at.
  public var best = Best.no
  /// Evaluations without a better one after which the run ends; 0: never.
  public var patience = 0
  /// The folder for the sessions at each evaluation; empty: none.
  public var save = ""
  /// The file for a line of JSON at each evaluation; empty: none.
  public var log = ""
  /// How the learning rate goes over the steps of this run.
  public var schedule = Falls.keep
  /// Steps of the run over which the rate rises first.
  public var warmup = 0
  /// What was typed.
  public var call = Call()

  /// How the rate goes: as it is set, or by a schedule over the run.
  public enum Falls: String, CaseIterable, Sendable { case keep, constant, linear, cosine }

  /// Its options.
  public static var options: [Option<TrainCommand>] {
    [
      Option("lr", \.lr, "the learning rate from now on; 0 leaves it", in: 0...1e6),
      Option(
        "epochs", \.epochs, "times that all data are learnt from, instead of a number of steps", in: 0...1e6),
      Option(
        "every", \.every, "steps from evaluation to evaluation; 0: before and after", in: 0...1_000_000_000),
      Option("best", \.best, "end at the evaluation with the best loss or accuracy"),
      Option(
        "patience", \.patience, "end after so many evaluations without a better one; 0: never", in: 0...10_000
      ),
      Option("save", \.save, "folder for the session at each evaluation"),
      Option("schedule", \.schedule, "how lr goes over this run's steps; keep leaves what is set"),
      Option("warmup", \.warmup, "for a schedule: steps over which lr rises first", in: 0...1_000_000_000),
      Option("log", \.log, "file for a line of JSON at each evaluation"),
    ]
  }
  /// How many.
  public static var takes: Takes { Takes("[N]", 0...1) { _, _ in ["100", "300"] } }

  /// A hundred steps.
  public init() {}

  /// Trains.
  public func run(_ session: Session) throws -> Done {
    let isPlain =
      every == 0 && best == .no && patience == 0 && save.isEmpty && log.isEmpty && schedule == .keep
    if !isPlain { return try TrainingRun(self, steps(session), session).run(session) }
    let steps = try steps(session)
    if lr > 0 { try session.current().trainer.state.rate = lr }
    // What was found at the end stands with the entry: done again, only the steps are made.
    let part = EvalCommand.choosing(session)
    if session.replay == nil { try EvalCommand.show(session, split: part) }
    var done = try Training.run(steps, session)
    if epochs > 0 { done.text = try Self.plainLine(done.steps ?? steps, lr, session) }
    guard session.replay == nil, done.failure == nil, !session.interrupt.isRaised else { return done }
    do { try EvalCommand.show(session, split: part) } catch EngineError.interrupted {
      session.say(.dim("the evaluation was stopped; the steps stand"))
    } catch { done.failure = error }
    return done
  }

  /// The line that stands on the tape for epochs: done again, it makes as many steps whatever an epoch is then.
  private static func plainLine(_ steps: Int, _ lr: Float, _ session: Session) throws -> String {
    "train \(steps)" + (lr > 0 ? " lr=\(lr)" : "") + " @\(try session.current().name)"
  }

  private func steps(_ session: Session) throws -> Int {
    let typed = try call.integer(0, "a number of steps")
    guard epochs > 0 else { return typed ?? 100 }
    guard typed == nil else {
      throw Failure(
        "both a number of steps and epochs=\(epochs) were given.",
        cure: "train epochs=\(epochs), or train \(typed ?? 100)",
        place: call.places.first)
    }
    let subject = try session.current()
    guard let source = subject.source else { throw Session.noData }
    guard let epoch = source.epoch else {
      throw Failure("\(source.name) never ends: it has no epochs.", cure: "Give a number of steps: train 100")
    }
    return Int((Double(epochs) * epoch / Double(subject.trainer.state.accumulate)).rounded(.up))
  }
}
