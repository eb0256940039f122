import Events
import Options
import Training

/// `trainer`: what a step makes smaller.
public struct TrainerCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "trainer",
    "Shows or chooses how the model learns: from texts, from pairs, or from a reward on its own answers.",
    use:
      "sft, reward and dpo learn from data; ppo, grpo, rloo and best from the model's own answers: see reward.",
    examples: ["trainer", "trainer dpo beta=0.1", "trainer ppo prompt=4 tokens=12", "trainer sft"],
    notes: Objectives.all.map { "\($0.card.name): \($0.card.sentence)" }, changes: true)

  /// What was typed.
  public var call = Call()
  /// The trainer.
  public static var takes: Takes {
    Takes("[NAME]", 0...1, takesFurther: true) { _, _ in Objectives.all.map { $0.card.name } }
  }
  /// The trainer's options.
  public static func further(_ words: [String], _ session: Session) -> [OptionFacts] {
    guard let name = words.first, let found = try? Objectives.named(name) else { return [] }
    func facts<O: Objective>(_: O.Type) -> [OptionFacts] { O.options.map { $0.facts(O()) } }
    return facts(found)
  }

  /// As it is.
  public init() {}

  /// Chooses and shows it.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), trainer = subject.trainer
    func make<O: Objective>(_: O.Type) throws -> any Objective {
      var objective = O()
      try O.options.write(call.further, into: &objective, of: O.card.name)
      return objective
    }
    if let name = call.text(0) {
      do {
        let chosen = try make(Objectives.named(name))
        trainer.state.objective = chosen
        trainer.state.numbers = [:]
      } catch let failure as Failure { throw failure.at(call.places.first) }
    }
    show(trainer.state.objective, session)
    if trainer.state.objective is any Practice {
      session.say(
        trainer.state.reward.map { .dim("worth of an answer: ") + .code($0.line) }
          ?? .dim("what an answer is worth is not set yet: ?reward"))
    }
    return call.words.isEmpty ? .unrecorded : Done()
  }

  private func show(_ objective: any Objective, _ session: Session) {
    func card<O: Objective>(_: O) -> Card { O.card }
    session.say(.code(objective.text))
    for line in card(objective).formula.split(separator: "\n") { session.say(.dim(String(line))) }
  }
}
