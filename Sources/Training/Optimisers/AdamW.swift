import Engine
import Options

/// Adam with decoupled weight decay, PyTorch's formula. Loshchilov & Hutter 2017, arXiv:1711.05101.
///
///     m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²
///     p ← p·(1 − lr·decay) − lr·m̂/(√v̂ + ε)        m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
public struct AdamW: Optimiser {
  /// What it says of itself.
  public static let card = Card(
    "adamw", "Steps of nearly equal length for every number, with weight decay beside the gradient.",
    formula: "p ← p·(1 − lr·decay) − lr·m̂/(√v̂ + ε)", paper: "Loshchilov & Hutter 2017, arXiv:1711.05101",
    notes: [
      "It keeps two numbers for each trained one.",
      "Decay is 0 here, as Hugging Face's trainer has it; PyTorch's own default is 0.01.",
    ])

  /// The share of the old mean that stays.
  public var beta1: Float = 0.9
  /// The share of the old mean square that stays.
  public var beta2: Float = 0.999
  /// Keeps the division tame.
  public var eps: Float = 1e-8
  /// Weight decay, times lr a step.
  public var decay: Float = 0

  /// Its options.
  public static var options: [Option<AdamW>] {
    [
      Option("beta1", \.beta1, "share of the old mean that stays", in: 0...0.9999999),
      Option("beta2", \.beta2, "share of the old mean square that stays", in: 0...0.9999999),
      Option("eps", \.eps, "keeps the division tame", in: 0...1),
      Option("decay", \.decay, "weight decay, times lr a step", in: 0...1000),
    ]
  }

  /// PyTorch's defaults, without decay.
  public init() {}

  /// One step.
  public func step(_ value: Tensor, gradient: Tensor, memory: OptimiserMemory?, rate: Float, factor: Float)
    throws
    -> (value: Tensor, memory: OptimiserMemory)
  {
    let known = memory.flatMap { $0.tensors.count == 2 ? $0 : nil }
    let old = known ?? OptimiserMemory(steps: 0, tensors: [.zeros(value.shape), .zeros(value.shape)])
    let next = try value.adamW(
      gradient: gradient, m: old.tensors[0], v: old.tensors[1], t: old.steps + 1, rate: rate,
      betas: (beta1, beta2),
      epsilon: eps, decay: decay, factor: factor)
    return (next.p, OptimiserMemory(steps: old.steps + 1, tensors: [next.m, next.v]))
  }
}
