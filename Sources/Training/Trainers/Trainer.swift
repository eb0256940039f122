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
    public func fits(_ model: Model) -> Bool { model.state.isSame(as: origin) }
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

  private func begin(
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

  /// Moves the trainable parameters by the gradients that `backward` left; over the model's own answers as often as the
  /// objective says, each time with gradients of its own. When it fails, model and trainer are as before.
  ///
  /// A loss or gradient that is not finite moves nothing; it is searched for by running the step again with a test
  /// after every op.
  public func update(_ model: Model, interrupt: Interrupt? = nil) throws -> StepReport {
    guard let practice = state.objective as? any Practice, let kept = begun else {
      let report = try move(model, figures: half?.loss.figures ?? [])
      return conclude(report)
    }
    guard kept.origin.isSame(as: model.state) else {
      cancel()
      throw Failure(
        "the model has changed since these answers were drawn.", cure: "rollout, score, advantages, again")
    }
    guard kept.experience.phase == .advantages else {
      throw Failure(
        "these answers have no advantages yet.",
        cure: kept.experience.phase == .rollout ? "score, then advantages" : "advantages computes them")
    }
    let before = (model.state, state), e = kept.experience
    do {
      var report: StepReport?
      for epoch in 0..<max(1, practice.epochs) {
        if epoch > 0 || half == nil {
          try begin(model, e.batch, interrupt: interrupt) { try practice.loss(model, e, $0, $1) }
        }
        try backward(interrupt: interrupt)
        let last = try move(model, figures: e.figures + (half?.loss.figures ?? []))
        report = report?.followed(by: last) ?? last
      }
      practice.conclude(e, &state)
      guard let report else { throw Failure("no update was made.") }
      return watched(conclude(report), practice, e)
    } catch {
      model.restore(before.0)
      state = before.1
      throw error
    }
  }

  /// Counts the step and keeps its numbers.
  private func conclude(_ report: StepReport) -> StepReport {
    state.step += 1
    state.losses.append(report.loss)
    state.figures.append(report.figures)
    state.gradients.append(report.norms)
    return report
  }

  /// One update along the gradients that there are.
  private func move(_ model: Model, figures: [Figure]) throws -> StepReport {
    Profile.current?.begin(.update)
    guard let begun = half, let gradients = begun.gradients else {
      throw Failure(
        "there are no gradients to step along.", cure: "backward computes them; step does all three")
    }
    let loss = begun.mean, batches = begun.batches, isCurrent = begun.fits(model)
    half = nil  // lets the tape's memory go before the update takes its own
    guard isCurrent else {
      throw Failure(
        "the model has changed since these gradients were computed.", cure: "forward, then backward, again")
    }
    let found = model.trainable.compactMap { p in gradients[p.value].map { (parameter: p, gradient: $0) } }
    guard !found.isEmpty else {
      throw Failure(
        "the loss depends on nothing that trains: a step would move nothing.",
        cure: "See what trains: show shapes")
    }
    let heads = begun.head?.tensors.sorted { $0.key < $1.key }.compactMap { name, value in
      gradients[value].map { (name: name, value: value, gradient: $0) }
    }
    let norms = found.map { (name: $0.parameter.name, norm: $0.gradient.norm) }
    let squares = (norms.map(\.norm) + (heads ?? []).map(\.gradient.norm)).reduce(0.0) {
      $0 + Double($1) * Double($1)
    }
    let norm = Float(squares.squareRoot())
    guard loss.isFinite && norm.isFinite else { throw explained(loss, norm, model, batches) }
    Profile.current?.lap("norms", at: "")
    let clipped = state.clip > 0 && norm > state.clip ? state.clip / (norm + 1e-6) : 1
    let rate = rate(for: model) * state.schedule.factor(state.step)
    let moved = try move(model, along: found, heads ?? [], rate: rate, factor: clipped)
    return StepReport(
      step: state.step + 1, loss: loss, gradientNorm: norm, clipped: clipped, rate: rate, moved: moved,
      tokens: batches.reduce(0) { $0 + $1.tokens }, figures: figures, norms: norms)
  }

  /// Computes all new values first, so that a fault moves nothing; gives the names of what moved.
  private func move(
    _ model: Model, along found: [(parameter: Parameter, gradient: Tensor)],
    _ heads: [(name: String, value: Tensor, gradient: Tensor)], rate: Float, factor: Float
  ) throws -> [String] {
    let names = Set(model.parameters.map(\.name)).union(ValueHead.names)
    // Memory of parameters that are gone goes too.
    var memory = state.memory.filter { names.contains($0.key) }
    var values: [(parameter: Parameter, value: Tensor)] = []
    let optimiser = type(of: state.optimiser).card.name
    for (parameter, gradient) in found {
      let next = try state.optimiser.step(
        parameter.value, gradient: gradient, memory: state.memory[parameter.name]?.of(parameter),
        rate: rate * model.rateFactor(of: parameter), factor: factor)
      values.append((parameter, next.value))
      memory[parameter.name] = next.memory.kept(for: parameter)
      Profile.current?.lap(optimiser, at: parameter.name)
    }
    let headRate = rate * ((state.objective as? PPO)?.valueRate ?? 1)
    var tensors = state.tensors
    for (name, value, gradient) in heads {
      let next = try state.optimiser.step(
        value, gradient: gradient, memory: state.memory[name], rate: headRate, factor: factor)
      (tensors[name], memory[name]) = (next.value, next.memory)
    }
    let moved = values.filter { !$0.value.isIdentical(to: $0.parameter.value) }
    for (parameter, value) in values {
      parameter.value.storage.dropDerived()  // whoever keeps the old numbers shall not keep more than them
      parameter.value = value
    }
    Profile.current?.lap("new values", at: "")
    adjust { state in
      (state.memory, state.tensors) = (memory, tensors)
      state.moved.formUnion(moved.map(\.parameter.name))
    }
    return moved.map(\.parameter.name)
  }

  // MARK: Whole steps

  /// One whole step. When it fails, in whatever way, model and trainer are as before.
  @discardableResult
  public func step(_ model: Model, _ source: any BatchSource, interrupt: Interrupt? = nil) throws
    -> StepReport
  {
    if let begun = half, !begun.fits(model) { half = nil }
    if let begun, !begun.origin.isSame(as: model.state) { cancel() }
    do {
      if half == nil { try forward(model, source, interrupt: interrupt) }
      try backward(interrupt: interrupt)
      return try update(model, interrupt: interrupt)
    } catch {
      cancel()
      throw error
    }
  }

  /// Runs the step again to find the first op whose result is not finite.
  private func explained(_ loss: Float, _ norm: Float, _ model: Model, _ batches: [Batch]) -> Failure {
    var place = "the loss is \(loss), the norm of the gradients \(norm)"
    do {
      if let practice = state.objective as? any Practice, let e = begun?.experience {
        try begin(model, e.batch, checking: true) { try practice.loss(model, e, $0, $1) }
        try backward()
      } else {
        for (place, batch) in batches.enumerated() {
          _ = try begin(model, batch, at: place, checking: true)
          try backward()
        }
      }
    } catch { place = "\(error)" }
    half = nil
    if let broken = model.parameters.first(where: { !$0.value.isFinite }) {
      place += "; \(broken.name) itself holds NaN or infinity"
    }
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
