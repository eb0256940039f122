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
