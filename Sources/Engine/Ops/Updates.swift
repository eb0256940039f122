import CKernels

/// Steps of optimisers: pure functions from old tensors to new ones, in fresh memory.
extension Tensor {
  /// One step of AdamW as PyTorch has it. Loshchilov & Hutter 2017, arXiv:1711.05101.
  ///
  ///     m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²        t: this step's number, from 1
  ///     p ← p·(1 − lr·decay) − lr·(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε)
  ///
  /// The gradient is first multiplied by `factor` (clipping).
  public func adamW(
    gradient: Tensor, m: Tensor, v: Tensor, t: Int, rate: Float, betas: (Float, Float), epsilon: Float,
    decay: Float,
    factor: Float = 1
  ) throws -> (p: Tensor, m: Tensor, v: Tensor) {
    guard gradient.shape == shape, m.count == count, v.count == count else {
      throw EngineError.shapes(
        op: "adamW", "parameter \(shape), gradient \(gradient.shape), moments \(m.shape), \(v.shape)")
    }
    let n = count, c1 = 1 - Self.power(Double(betas.0), t), c2 = 1 - Self.power(Double(betas.1), t)
    let out = (p: Storage(n), m: Storage(n), v: Storage(n))
    gradient.read { g in
      read { p in
        m.read { m in
          v.read { v in
            Threads.shared.ranges(n, grain: elementGrain) { part in
              let i = part.lowerBound
              ck_adamw(
                part.count, rate, betas.0, betas.1, epsilon, decay, c1, c2, factor, g + i, p + i, m + i,
                v + i,
                out.p.floats + i, out.m.floats + i, out.v.floats + i)
            }
          }
        }
      }
    }
    return (
      Tensor(shape: shape, storage: out.p), Tensor(shape: shape, storage: out.m),
      Tensor(shape: shape, storage: out.v)
    )
  }

  /// One step of stochastic gradient descent with momentum as PyTorch has it; `buffer` is nil at the first step.
  ///
  ///     g ← g + decay·p        b ← momentum·b + g  (first step: b = g)        p ← p − lr·b
  public func sgd(
    gradient: Tensor, buffer: Tensor?, rate: Float, momentum: Float, decay: Float, factor: Float = 1
  ) throws -> (p: Tensor, buffer: Tensor?) {
    guard gradient.shape == shape, buffer?.count ?? count == count else {
      throw EngineError.shapes(op: "sgd", "parameter \(shape), gradient \(gradient.shape)")
    }
    let n = count, p2 = Storage(n), b2 = momentum == 0 ? nil : Storage(n)
    gradient.read { g in
      read { p in
        func run(_ b: UnsafePointer<Float>?) {
          ck_sgd(n, rate, momentum, decay, factor, buffer == nil ? 1 : 0, g, p, b, p2.floats, b2?.floats)
        }
        guard b2 != nil else { return run(nil) }
        (buffer ?? gradient).read { run($0) }
      }
    }
    return (Tensor(shape: shape, storage: p2), b2.map { Tensor(shape: shape, storage: $0) })
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0, square = base, left = exponent
    while left > 0 {
      if left & 1 == 1 { result *= square }
      square *= square
      left >>= 1
    }
    return result
  }
}
