/// Products, norms, losses and optimisers' steps, each as its definition says.
extension ReferenceArray {
  /// The matrix product over the last two axes; `other` may lack the axes before them.
  @specialized(where T == Double)
  public func matmul(_ other: ReferenceArray) -> ReferenceArray {
    let rank = shape.count, m = shape[rank - 2], k = width, n = other.width
    let isShared = other.shape.count == 2
    return ReferenceArray(shape.dropLast(2) + [m, n]) { index in
      var total: T = 0
      let outer = index.dropLast(2), i = index[rank - 2], j = index[rank - 1]
      for p in 0..<k { total += self[outer + [i, p]] * other[(isShared ? [] : outer) + [p, j]] }
      return total
    }
  }

  /// x·Wᵀ for W [out, in]: any axes before the last.
  @specialized(where T == Double)
  public func linear(_ weight: ReferenceArray) -> ReferenceArray {
    ReferenceArray(shape.dropLast() + [weight.shape[0]], products(weight))
  }

  @specialized(where T == Double)
  private func products(_ weight: ReferenceArray) -> [T] {
    var out: [T] = []
    for i in 0..<rows {
      for j in 0..<weight.shape[0] {
        var total: T = 0
        for p in 0..<width { total += self[i, p] * weight[j, p] }
        out.append(total)
      }
    }
    return out
  }

  /// Each row moved to mean 0 and stretched to variance 1, then scaled and shifted.
  @specialized(where T == Double)
  public func layerNorm(_ weight: ReferenceArray, _ bias: ReferenceArray, epsilon: T) -> ReferenceArray {
    mapRows { row in
      let n = T(row.count), mean = row.reduce(0, +) / n
      let variance = row.reduce(T(0)) { $0 + ($1 - mean) * ($1 - mean) } / n
      let deviation = (variance + epsilon).squareRoot()
      return row.indices.map { (row[$0] - mean) / deviation * weight.values[$0] + bias.values[$0] }
    }
  }

  /// x⊙scale + shift, row by row.
  @specialized(where T == Double)
  public func scaledAndShifted(_ scale: ReferenceArray, _ shift: ReferenceArray) -> ReferenceArray {
    mapRows { row in row.indices.map { row[$0] * scale.values[$0] + shift.values[$0] } }
  }

  /// x/√(mean(x²) + ε)·weight.
  @specialized(where T == Double)
  public func rmsNorm(_ weight: ReferenceArray, epsilon: T) -> ReferenceArray {
    mapRows { row in
      let square = row.reduce(T(0)) { $0 + $1 * $1 } / T(row.count)
      let size = (square + epsilon).squareRoot()
      return row.indices.map { row[$0] / size * weight.values[$0] }
    }
  }

  /// The mean of −log softmax(x)[label] over the labels from 0 up.
  @specialized(where T == Double)
  public func crossEntropy(_ labels: [Int32]) -> ReferenceArray {
    let logs = logSoftmax()
    var total: T = 0, counted = 0
    for (row, label) in labels.enumerated() where label >= 0 {
      total -= logs[row, Int(label)]
      counted += 1
    }
    return ReferenceArray(total / T(Swift.max(counted, 1)))
  }
}

/// Optimisers' steps for one number, transcribed from PyTorch's single-tensor forms.
public enum ReferenceUpdates {
  /// What AdamW keeps of one number.
  public struct Adam {
    /// The parameter, and the moving means of gradient and squared gradient.
    public var p, m, v: Double

    /// The state given.
    public init(p: Double, m: Double = 0, v: Double = 0) { (self.p, self.m, self.v) = (p, m, v) }

    /// torch.optim.adamw, `_single_tensor_adamw`.
    public mutating func step(
      _ gradient: Double, t: Int, rate: Double, betas: (Double, Double), epsilon: Double, decay: Double
    ) {
      p *= 1 - rate * decay
      m += (1 - betas.0) * (gradient - m)
      v = v * betas.1 + (1 - betas.1) * gradient * gradient
      var correction1 = 1.0, correction2 = 1.0
      for _ in 0..<t { (correction1, correction2) = (correction1 * betas.0, correction2 * betas.1) }
      let size = rate / (1 - correction1)
      let denominator = v.squareRoot() / (1 - correction2).squareRoot() + epsilon
      p -= size * m / denominator
    }
  }

  /// torch.optim.sgd, `_single_tensor_sgd`, without dampening and Nesterov.
  public static func sgd(
    _ p: inout Double, buffer: inout Double?, _ gradient: Double, rate: Double, momentum: Double,
    decay: Double
  ) {
    var d = gradient
    if decay != 0 { d += decay * p }
    if momentum != 0 {
      let next = buffer.map { $0 * momentum + d } ?? d
      buffer = next
      d = next
    }
    p -= rate * d
  }
}
