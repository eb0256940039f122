import Data
import Engine
import Networks
import Options

extension Trainer {
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
    guard model.isSame(as: kept.origin) else {
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
    var (gradients, loss, batches, head) = try taken(model)
    let found = model.trainable.compactMap { p in gradients[p.value].map { (parameter: p, gradient: $0) } }
    guard !found.isEmpty else {
      throw Failure(
        "the loss depends on nothing that trains: a step would move nothing.",
        cure: "See what trains: show shapes")
    }
    let heads = head?.tensors.sorted { $0.key < $1.key }.compactMap { name, value in
      gradients[value].map { (name: name, value: value, gradient: $0) }
    }
    gradients = Gradients()
    let norms = found.map { (name: $0.parameter.name, norm: $0.gradient.norm) }
    let all: [Float] = norms.map(\.norm) + (heads ?? []).map(\.gradient.norm)
    let squares = all.reduce(0.0) { $0 + Double($1) * Double($1) }
    let norm = Float(squares.squareRoot())
    guard loss.isFinite && norm.isFinite else { throw explained(loss, norm, model, batches) }
    Profile.current?.lap("norms", at: "")
    let clipped = state.clip > 0 && norm > state.clip ? state.clip / (norm + 1e-6) : 1
    let rate = rate(for: model) * state.schedule.factor(state.step)
    let moved = try move(model, along: consume found, heads ?? [], rate: rate, factor: clipped)
    return StepReport(
      step: state.step + 1, loss: loss, gradientNorm: norm, clipped: clipped, rate: rate, moved: moved,
      tokens: batches.reduce(0) { $0 + $1.tokens }, figures: figures, norms: norms)
  }

  /// What an update needs of the step that was begun; the rest of it goes, so that its memory is there for the update.
  private func taken(_ model: Model) throws -> (Gradients, loss: Float, [Batch], ValueHead?) {
    guard let begun = half, let gradients = begun.gradients else {
      throw Failure(
        "there are no gradients to step along.", cure: "backward computes them; step does all three")
    }
    half = nil
    guard begun.fits(model) else {
      throw Failure(
        "the model has changed since these gradients were computed.", cure: "forward, then backward, again")
    }
    return (gradients, begun.mean, begun.batches, begun.head)
  }

  /// Computes all new values first, so that a fault moves nothing; gives the names of what moved. A gradient's memory is
  /// there for the next parameter's new values.
  private func move(
    _ model: Model, along found: consuming [(parameter: Parameter, gradient: Tensor)],
    _ heads: [(name: String, value: Tensor, gradient: Tensor)], rate: Float, factor: Float
  ) throws -> [String] {
    var memory = state.memory
    var values: [(parameter: Parameter, value: Tensor)] = []
    let optimiser = type(of: state.optimiser).card.name
    var left = Array((consume found).reversed())
    while let (parameter, gradient) = left.popLast() {
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
    // More than that is of parameters that do not train just now, or are gone: then it goes too.
    if memory.count > values.count + heads.count {
      let names = Set(model.parameters.map(\.name)).union(ValueHead.names)
      memory = memory.filter { names.contains($0.key) }
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
