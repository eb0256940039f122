import Data
import Engine
import Networks
import Options

extension Trainer {
  /// The model's own answers that the step is made from, while they still fit the model.
  public func experience(of model: Model) -> Experience? {
    begun.flatMap { model.isSame(as: $0.origin) ? $0.experience : nil }
  }

  /// Draws answers to the prompts of the next batch.
  @discardableResult
  public func rollout(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil) throws
    -> Experience
  {
    try checkTrains(model)
    let practice = try practice()
    let e = try practice.rollout(model, source.batch(state.batch), state, interrupt: interrupt)
    half = nil
    begun = (e, model.state)
    return e
  }

  /// Has the answers scored, drawn first where that was not done.
  @discardableResult
  public func score(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil) throws
    -> Experience
  {
    let known = try experience(of: model) ?? rollout(model, source, interrupt: interrupt)
    guard known.phase < .score else { return known }
    let e = try practice().scored(known, state)
    begun?.experience = e
    return e
  }

  /// Weighs each token, scored first where that was not done.
  @discardableResult
  public func advantages(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil) throws
    -> Experience
  {
    let known = try score(model, source, interrupt: interrupt)
    guard known.phase < .advantages else { return known }
    let e = try practice().weighed(known, state)
    begun?.experience = e
    return e
  }

  /// Says once in a run that something runs away: the state remembers that it was said.
  func watched(_ report: StepReport, _ practice: any Practice, _ e: Experience) -> StepReport {
    guard state.numbers[Runaway.warned] == nil,
      let found = Runaway(state.figures, brake: practice.brake, answers: e.rows)
    else { return report }
    var copy = report
    copy.runaway = found
    state.numbers[Runaway.warned] = Float(report.step)
    return copy
  }

  /// The trainer, where it is one that learns from the model's own answers.
  private func practice() throws -> any Practice {
    guard let found = state.objective as? any Practice else {
      throw Failure(
        "\(state.objective.name) learns from the data, not from the model's own answers.",
        cure: "trainer ppo   (also grpo, rloo, best);   forward begins a step of \(state.objective.name)")
    }
    return found
  }
}
