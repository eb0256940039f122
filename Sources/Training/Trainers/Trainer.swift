import Data
import Engine
import Networks
import Options

/// What one training step did.
public struct StepReport: Sendable {
  /// The step's number, from 1.
  public let step: Int
  /// The loss before the step, in nats.
  public let loss: Float
  /// The norm of all gradients together, before clipping.
  public let gradientNorm: Float
  /// What gradients were multiplied with: below 1 where clipping bit.
  public let clipped: Float
  /// The learning rate of the step.
  public let rate: Float
  /// Names of the tensors that moved.
  public let moved: [String]
  /// Tokens read.
  public let tokens: Int
}

/// What training remembers beside the model: a value of kept references.
public struct TrainerState {
  /// Steps made; also the place in the data.
  public var step = 0
  /// The optimiser's memory by parameter.
  public var memory: [String: OptimiserMemory] = [:]
  /// The optimiser with its options.
  public var optimiser: any Optimiser = AdamW()
  /// The learning rate; nil: what the method's card says.
  public var rate: Float?
  /// How the rate goes over the steps.
  public var schedule = Schedule()
  /// The largest norm of the gradients; 0: no clipping.
  public var clip: Float = 1
  /// Losses of the steps so far.
  public var losses = LossHistory()

  /// Before the first step.
  public init() {}
}

/// Supervised training of whatever is trainable: a step is forward, backward, update.
///
///     loss = mean −log p(target)        g = ∂loss/∂p        ‖g‖ ≤ clip        p ← optimiser(p, g)
public final class Trainer {
  /// What it remembers; setting it goes back in time.
  public var state = TrainerState() { didSet { half = nil } }

  /// A step that was begun: after `forward` its loss, after `backward` its gradients too.
  public struct Half {
    let tape: Tape
    /// The loss, on its tape.
    public let loss: LanguageLoss
    /// The batch it was computed on.
    public let batch: Batch
    /// The gradients, after `backward`.
    public internal(set) var gradients: Gradients?
  }
  /// The step that was begun, if any.
  public private(set) var half: Half?

  /// A trainer before its first step.
  public init() {}

  /// The learning rate in force: given, or the card's of the last attachment that trains.
  public func rate(for model: Model) -> Float {
    if let rate = state.rate { return rate }
    return model.attachments.last.map { type(of: $0.method).card.rate } ?? FullRate.default
  }

  // MARK: Half-steps

  /// Computes the loss of the next batch and remembers how.
  @discardableResult
  public func forward(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil, checking: Bool = false)
    throws -> LanguageLoss
  {
    guard !model.trainable.isEmpty else {
      throw Failure(
        "nothing is trainable: a step would move nothing.", cure: "Attach a method (attach lora), or thaw parameters: thaw *.bias")
    }
    let batch = try source.batch(state.step)
    guard batch.counted > 0 else {
      throw Failure(
        "no token of this batch carries loss: every label is masked.", cure: "Look at the labels: show batch")
    }
    let tape = Tape(checking: checking)
    let pass = Pass(tape: tape, isTraining: true, chance: model.chance, step: state.step, interrupt: interrupt)
    let loss = try LanguageLoss(model, batch, pass)
    half = Half(tape: tape, loss: loss, batch: batch, gradients: nil)
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
      let gradients = try begun.tape.gradients(of: begun.loss.loss, interrupt: interrupt)
      half?.gradients = gradients
      return gradients
    } catch {
      half = nil
      throw error
    }
  }

  /// Moves the trainable parameters by the gradients that `backward` left.
  public func update(_ model: Model) throws -> StepReport {
    guard let begun = half, let gradients = begun.gradients else {
      throw Failure("there are no gradients to step along.", cure: "backward computes them; step does all three")
    }
    let loss = begun.loss.loss.item, tokens = begun.batch.rows * begun.batch.columns
    half = nil  // lets the tape's memory go before the update takes its own
    let found = model.trainable.compactMap { p in gradients[p.value].map { (parameter: p, gradient: $0) } }
    let squares = found.reduce(0.0) { $0 + $1.gradient.sumOfSquares }
    let norm = Float(squares.squareRoot())
    guard loss.isFinite && norm.isFinite else {
      throw NotFinite(loss: loss, norm: norm)
    }
    let clipped = state.clip > 0 && norm > state.clip ? state.clip / (norm + 1e-6) : 1
    let rate = rate(for: model) * state.schedule.factor(state.step)
    var next = state
    var values: [(Parameter, Tensor)] = []
    for (parameter, gradient) in found {
      let own = rate * model.rateFactor(of: parameter)
      let (value, memory) = try state.optimiser.step(
        parameter.value, gradient: gradient, memory: state.memory[parameter.name], rate: own, factor: clipped)
      values.append((parameter, value))
      next.memory[parameter.name] = memory
    }
    var moved: [String] = []
    for (parameter, value) in values {
      if !value.isIdentical(to: parameter.value) { moved.append(parameter.name) }
      parameter.value = value
    }
    next.step += 1
    next.losses.append(loss)
    state = next
    return StepReport(
      step: next.step, loss: loss, gradientNorm: norm, clipped: clipped, rate: rate, moved: moved, tokens: tokens)
  }

  // MARK: Whole steps

  /// One whole step. When it fails, in whatever way, model and trainer are as before.
  ///
  /// A loss or gradient that is not finite is searched for by running the step again with a test after every op.
  public func step(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil) throws -> StepReport {
    do {
      if half?.gradients == nil {
        if half == nil { try forward(model, source, interrupt: interrupt) }
        try backward(interrupt: interrupt)
      }
      return try update(model)
    } catch let fault as NotFinite {
      throw explained(fault, model, source)
    } catch {
      half = nil
      throw error
    }
  }

  /// Forgets a step that was begun.
  public func cancel() { half = nil }

  private struct NotFinite: Error {
    let loss: Float, norm: Float
  }

  private func explained(_ fault: NotFinite, _ model: Model, _ source: any BatchSource) -> Failure {
    var place = "the loss is \(fault.loss), the norm of the gradients \(fault.norm)"
    do {
      try forward(model, source, checking: true)
      try backward()
    } catch { place = "\(error)" }
    half = nil
    let rate = rate(for: model) * state.schedule.factor(state.step)
    return Failure(
      "step \(state.step + 1): \(place) (lr \(rate)). Nothing was changed: the model is at step \(state.step).",
      cure: "Go back some steps (step -5) and try a smaller rate (lr \(rate / 10)) or clip=0.5")
  }
}

/// The rate of training a base with nothing attached.
enum FullRate {
  static let `default`: Float = 1e-3
}

extension Model {
  /// The factor that methods put on the learning rate of a parameter.
  public func rateFactor(of parameter: Parameter) -> Float {
    attachments.first { $0.parameters.contains { $0 === parameter } || $0.claims(parameter) }?.method.rate(of: parameter) ?? 1
  }
}

extension Trainer.Half {
  /// How many ops are on the tape.
  public var count: Int { tape.count }
}
