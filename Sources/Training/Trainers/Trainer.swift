import Data
import Engine
import Networks
import Options

/// Training of whatever is trainable, by whatever objective: a step is forward, backward, update.
///
///     loss = objective(model, batch)        g = ∂loss/∂p        ‖g‖ ≤ clip        p ← optimiser(p, g)
///
/// Where the objective learns from the model's own answers, rollout, score and advantages come before, and an update
/// goes over the same answers several times.
public final class Trainer {
  /// What it remembers; setting it goes back in time and forgets a step that was begun.
  public var state = TrainerState() { didSet { cancel() } }

  /// A step that was begun: after `forward` its loss, after `backward` its gradients too.
  public struct Half {
    let tape: Tape
    /// The loss, on its tape.
    public let loss: Loss
    /// The batch it was computed on.
    public let batch: Batch
    /// Batches of the same step that came before it, where a step takes several.
    var earlier = Earlier()
    /// The value head, off the tape: its gradients are known by its memory.
    let head: ValueHead?
    /// The gradients, after `backward`.
    public internal(set) var gradients: Gradients?
    /// The model as it was then.
    let origin: ModelState

    /// Whether the model is still as it was.
    public func fits(_ model: Model) -> Bool { model.isSame(as: origin) }
  }
  /// The step that was begun, if any.
  public internal(set) var half: Half?
  /// The model's own answers that the step is made from, and the model as it was then.
  var begun: (experience: Experience, origin: ModelState)?

  /// A trainer before its first step.
  public init() {}

  /// The learning rate in force: given, or the card's of the last attachment that trains.
  public func rate(for model: Model) -> Float {
    if let rate = state.rate { return rate }
    let training = model.attachments.last { $0.isOn && !$0.isFolded }
    return training.map { type(of: $0.method).card.rate } ?? FullRate.default
  }

  /// Changes what a loss and its gradients do not depend on (rate, schedule, clipping, optimiser), and keeps a step
  /// that was begun.
  public func adjust(_ change: (inout TrainerState) -> Void) {
    let kept = (half, begun)
    change(&state)
    (half, begun) = kept
  }

  /// Forgets a step that was begun.
  public func cancel() { (half, begun) = (nil, nil) }

  // MARK: Half-steps

  /// Computes the loss of the next batch and remembers how.
  @discardableResult
  public func forward(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil) throws
    -> Loss
  {
    try checkTrains(model)
    if let practice = state.objective as? any Practice {
      let e = try advantages(model, source, interrupt: interrupt)
      return try begin(model, e.batch, interrupt: interrupt) { try practice.loss(model, e, $0, $1) }
    }
    Profile.current?.begin(.forward)
    let batches = try (0..<state.accumulate).map { try source.batch(state.batch + $0) }
    Profile.current?.lap("batch", at: "")
    try check(model, batches)
    var earlier = Earlier()
    for batch in batches.dropLast() {
      let loss = try begin(model, batch, at: earlier.batches.count, interrupt: interrupt)
      try earlier.add(batch, loss, backward(interrupt: interrupt))
    }
    let loss = try begin(model, batches[batches.count - 1], at: earlier.batches.count, interrupt: interrupt)
    half?.earlier = earlier
    return loss
  }

  /// Throws where none of a step's batches can be learnt from.
  private func check(_ model: Model, _ batches: [Batch]) throws {
    var first: (any Error)?
    for batch in batches {
      do { return try state.objective.check(model, batch) } catch { first = first ?? error }
    }
    if let first { throw first }
  }

  func begin(
    _ model: Model, _ batch: Batch, at place: Int, interrupt: Interrupt? = nil, checking: Bool = false
  ) throws -> Loss {
    try begin(model, batch, at: place, interrupt: interrupt, checking: checking) { [state] pass, _ in
      try state.objective.loss(model, batch, pass, state)
    }
  }

  func checkTrains(_ model: Model) throws {
    guard model.trainable.isEmpty else { return }
    let off = model.attachments.first { !$0.isOn }
    throw Failure(
      "nothing is trainable: a step would move nothing.",
      cure: off.map { "\($0.name) is off: on \($0.name)" }
        ?? "Attach a method (attach lora), or thaw parameters: thaw *.bias")
  }

  @discardableResult
  func begin(
    _ model: Model, _ batch: Batch, at place: Int = 0, interrupt: Interrupt? = nil, checking: Bool = false,
    _ compute: (Pass, ValueHead?) throws -> Loss
  ) throws -> Loss {
    Profile.current?.begin(.forward)
    let tape = Tape(checking: checking), practice = state.objective as? any Practice
    // Answers are weighed as they were drawn: without dropout.
    let pass = Pass(
      tape: tape, isTraining: state.objective is SFT, chance: model.chance, step: state.batch + place,
      compute: state.compute, interrupt: interrupt)
    pass.isCheckpointing = state.isCheckpointing
    let head = practice?.head(model, state)
    let loss = try compute(pass, head?.tracked(tape))
    half = Half(tape: tape, loss: loss, batch: batch, head: head, gradients: nil, origin: model.state)
    return loss
  }

  /// Computes the gradients of the loss that `forward` left.
  @discardableResult
  public func backward(interrupt: Interrupt? = nil) throws -> Gradients {
    guard let begun = half else {
      throw Failure("there is no loss to go back from.", cure: "forward computes one; step does all three")
    }
    if let known = begun.gradients { return known }
    do {
      let last = try begun.tape.gradients(of: begun.loss.loss, interrupt: interrupt)
      let gradients = try begun.earlier.mean(with: last, of: begun.loss)
      half?.gradients = gradients
      return gradients
    } catch {
      half = nil
      throw error
    }
  }

  // MARK: Whole steps

  /// One whole step. When it fails, in whatever way, model and trainer are as before.
  @discardableResult
  public func step(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil) throws
    -> StepReport
  {
    if let begun = half, !begun.fits(model) { half = nil }
    if let begun, !model.isSame(as: begun.origin) { cancel() }
    do {
      if half == nil { try forward(model, source, interrupt: interrupt) }
      try backward(interrupt: interrupt)
      return try update(model, interrupt: interrupt)
    } catch {
      cancel()
      throw error
    }
  }
}

/// The rate of training a base with nothing attached.
enum FullRate {
  static let `default`: Float = 1e-3
}

extension Model {
  /// The factor that methods put on the learning rate of a parameter.
  public func rateFactor(of parameter: Parameter) -> Float {
    attachments.first { $0.parameters.contains { $0 === parameter } || $0.claims(parameter) }?.method.rate(
      of: parameter) ?? 1
  }
}

extension Trainer.Half {
  /// How many ops are on the tape.
  public var count: Int { tape.count }
  /// The mean loss over all answers of the step's batches.
  public var mean: Float { earlier.mean(with: loss) }
  /// The step's batches in order.
  var batches: [Batch] { earlier.batches + [batch] }
}
