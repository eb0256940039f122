import Data
import Engine
import Networks
import Options

/// A trainer that learns from the model's own answers: it draws them, has them scored, and weighs each token.
public protocol Practice: Objective {
  /// How answers are drawn.
  var drawing: Drawing { get set }
  /// Updates on the same answers.
  var epochs: Int { get }
  /// What an answer that does not end loses.
  var penalty: Float { get }
  /// What holds the policy near its reference; nil: nothing.
  var brake: Brake? { get }
  /// Whether the reference's log-probabilities are asked for.
  var wantsReference: Bool { get }
  /// Whether a value head is.
  var wantsValues: Bool { get }
  /// Fills in advantages, and returns where there are values.
  func weigh(_ experience: inout Experience, _ state: TrainerState) throws
  /// The loss of an experience on the pass's tape.
  func loss(_ model: Model, _ experience: Experience, _ pass: Pass, _ head: ValueHead?) throws -> Loss
  /// What changes in the trainer's own numbers after all updates.
  func conclude(_ experience: Experience, _ state: inout TrainerState)
}

extension Practice {
  /// Nothing.
  public var brake: Brake? { nil }
  /// Nothing.
  public func conclude(_ experience: Experience, _ state: inout TrainerState) {}

  /// A model that goes on with text, and data with prompts.
  public func check(_ model: Model, _ batch: Batch) throws {
    try model.checkAnswersInWords(name)
    _ = try drawing.prompts(batch)
  }

  /// The value head of a state, where this trainer has one.
  public func head(_ model: Model, _ state: TrainerState) -> ValueHead? {
    wantsValues ? ValueHead(state.tensors, width: model.network.head.width.in) : nil
  }

  /// Answers to the prompts of a batch: the first half-step.
  public func rollout(_ model: Model, _ batch: Batch, _ state: TrainerState, interrupt: Interrupt? = nil)
    throws
    -> Experience
  {
    try check(model, batch)
    guard state.reward != nil else {
      throw Failure(
        "\(name) needs to know what an answer is worth.",
        cure: "reward words good,great   (?reward tells of others)")
    }
    return try Experience(
      model, drawing.prompts(batch), drawing, head: head(model, state), wantsReference: wantsReference,
      chance: model.chance, step: state.step, interrupt: interrupt)
  }

  /// What they are worth: the second.
  public func scored(_ experience: Experience, _ state: TrainerState) throws -> Experience {
    guard let reward = state.reward else { return experience }
    var e = try experience.scored(by: reward, penalty: penalty)
    func mean(_ values: [Float]) -> Double { Statistics.mean(values.map(Double.init)) }
    e.figures = [
      Figure("reward", mean(e.scores)), Figure("spread", Advantages.deviation(e.scores.map(Double.init))),
    ]
    if let truths = e.truths { e.figures.append(Figure("truth", mean(truths))) }
    e.figures += KL.allCases.map { Figure($0.rawValue, $0.mean(e)) }
    e.figures += [
      Figure("kl", KL.k1.mean(e)), Figure("entropy", e.entropy),
      Figure("length", Statistics.mean(e.lengths.map(Double.init))),
      Figure("ended", Statistics.mean(e.answers.map { $0.isEnded ? 1 : 0 })), Figure("same", e.sameness),
    ]
    return e
  }

  /// What each token is to be made likelier by: the third.
  public func weighed(_ experience: Experience, _ state: TrainerState) throws -> Experience {
    var e = experience
    try weigh(&e, state)
    e.phase = .advantages
    return e
  }

  /// The loss at the first update, all half-steps before it included.
  public func loss(_ model: Model, _ batch: Batch, _ pass: Pass, _ state: TrainerState) throws -> Loss {
    let e = try weighed(scored(rollout(model, batch, state, interrupt: pass.interrupt), state), state)
    var loss = try loss(model, e, pass, head(model, state))
    loss.figures = e.figures + loss.figures
    return loss
  }
}
