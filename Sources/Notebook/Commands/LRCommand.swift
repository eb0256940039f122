import Events
import Options
import Training

/// `lr`: the learning rate and its schedule.
public struct LRCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "lr", "Shows or sets the learning rate, its schedule and clipping.",
    formula: "warm-up: (t + 1)/warmup        linear: 1 → floor        cosine: ½(1 + cos πx), 1 → floor",
    use: "Without one, each method's card gives the rate: ?lora.",
    examples: ["lr", "lr 3e-3", "lr 1e-2 schedule=cosine warmup=10 total=200", "lr clip=0"],
    changes: true)

  /// The schedule.
  public var schedule = Schedule()
  /// The largest norm of the gradients.
  public var clip: Float = -1
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<LRCommand>] {
    Schedule.options.map { $0.lifted(\.schedule) } + [
      Option("clip", \.clip, "largest norm of the gradients; 0: no clipping", in: -1...1e9)
    ]
  }
  /// The rate.
  public static var takes: Takes { Takes("[RATE]", 0...1) { _, _ in ["1e-3", "3e-3", "1e-2", "auto"] } }

  /// As it is.
  public init() {}

  /// Sets and shows it.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), trainer = subject.trainer
    var isChanged = false
    if let word = call.words.first {
      if word.asText == "auto" {
        trainer.adjust { $0.rate = nil }
      } else {
        guard let rate = word.asNumber, rate >= 0, rate.isFinite else {
          throw Failure(
            "\(word) is not a learning rate.", cure: "For example lr 3e-3, or lr auto",
            place: call.places.first)
        }
        trainer.adjust { $0.rate = Float(rate) }
      }
      isChanged = true
    }
    if schedule != Schedule() || clip >= 0 {
      trainer.adjust { state in
        if schedule != Schedule() { state.schedule = schedule }
        if clip >= 0 { state.clip = clip }
      }
      isChanged = true
    }
    let state = trainer.state, shape = state.schedule
    var line = StyledText(
      "lr \(formatted(trainer.rate(for: subject.model)))"
        + (state.rate == nil ? " (from the method's card)" : ""))
    line += StyledText("   \(shape.shape.rawValue)")
    if shape.warmup > 0 { line += StyledText(", warm-up \(shape.warmup)") }
    if shape.shape != .constant {
      line += StyledText(" to \(formatted(shape.floor)) at step \(shape.begin + shape.total)")
    }
    session.say(line + StyledText(state.clip > 0 ? "   clip \(formatted(state.clip))" : "   no clipping"))
    return isChanged ? Done() : .unrecorded
  }
}
