import Engine
import Options

/// Stochastic gradient descent with momentum, PyTorch's formula.
///
///     g ← g + decay·p        b ← momentum·b + g  (first step: b = g)        p ← p − lr·b
public struct SGD: Optimiser {
  /// What it says of itself.
  public static let card = Card(
    "sgd", "Steps along the gradient, with momentum.", formula: "b ← momentum·b + g        p ← p − lr·b",
    paper: "Robbins & Monro 1951; momentum: Polyak 1964")

  /// The share of the last step that goes on.
  public var momentum: Float = 0
  /// Weight decay, added to the gradient.
  public var decay: Float = 0

  /// Its options.
  public static var options: [Option<SGD>] {
    [
      Option("momentum", \.momentum, "share of the last step that goes on", in: 0...0.9999999),
      Option("decay", \.decay, "weight decay, added to the gradient", in: 0...1000),
    ]
  }

  /// Without momentum.
  public init() {}

  /// One step.
  public func step(_ value: Tensor, gradient: Tensor, memory: OptimiserMemory?, rate: Float, factor: Float)
    throws
    -> (value: Tensor, memory: OptimiserMemory)
  {
    let next = try value.sgd(
      gradient: gradient, buffer: memory?.tensors.first, rate: rate, momentum: momentum, decay: decay,
      factor: factor)
    return (next.p, OptimiserMemory(steps: (memory?.steps ?? 0) + 1, tensors: next.buffer.map { [$0] } ?? []))
  }
}
