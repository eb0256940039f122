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
  /// Numbers to watch.
  public var figures: [Figure] = []
  /// What began to run away with this step.
  public var runaway: Runaway?
  /// The norm of each parameter's gradient.
  let norms: [(name: String, norm: Float)]

  /// The loss and norms of the first update of a step, the rest of the last one; what moved in any.
  func followed(by last: StepReport) -> StepReport {
    StepReport(
      step: step, loss: loss, gradientNorm: gradientNorm, clipped: last.clipped, rate: rate,
      moved: moved + last.moved.filter { !moved.contains($0) }, tokens: tokens + last.tokens,
      figures: last.figures, norms: norms)
  }
}
