import CKernels

/// What cross-entropy found: the mean over counted labels, and each row's own loss.
public struct CrossEntropyResult {
  /// The mean of −log p(label) in nats over the labels that count; 0 where none does.
  public let loss: Tensor
  /// −log p(label) by row, 0 for ignored rows.
  public let rows: Tensor
  /// How many labels count.
  public let counted: Int
}

extension Tensor {
  /// Softmax cross-entropy of logits [rows, classes] with one label a row; labels below 0 (−100) are ignored.
  ///
  ///     loss = mean −log softmax(x)[label]        dx = (softmax(x) − onehot)/counted
  public func crossEntropy(_ labels: [Int32]) throws -> CrossEntropyResult {
    let n = width, rows = rows
    try checkLabels(labels, rows: rows, classes: n)
    let x = plain, counted = labels.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) }
    let needsGradient = isTracked
    let losses = Tensor.zeros([rows]).storage  // rows of no classes are not written
    let gradient = needsGradient ? Tensor.make(shape) { _ in } : nil
    let scale = 1 / Float(max(counted, 1))
    x.read { x in
      labels.withUnsafeBufferPointer { labels in
        let labels = labels.baseAddress
        Threads.shared.ranges(rows, grain: rowGrain(n)) { part in
          guard let labels else { return }
          let i = part.lowerBound
          let into = gradient.map { $0.storage.floats + i * n }
          ck_cross_entropy(part.count, n, x + i * n, labels + i, scale, losses.floats + i, into)
        }
      }
    }
    let byRow = Tensor(shape: [rows], storage: losses)
    let loss = Tensor(ck_sum(rows, losses.floats) * scale)
    let recorded = try loss.recorded("crossEntropy", from: [self]) { dy in
      guard let gradient else { return [nil] }
      return [dy.item == 1 ? gradient : try gradient.scaled(by: dy.item)]
    }
    return CrossEntropyResult(loss: recorded, rows: byRow, counted: counted)
  }
}

/// Throws when labels do not belong to so many rows and classes.
func checkLabels(_ labels: [Int32], rows: Int, classes: Int) throws {
  guard labels.count == rows else {
    throw EngineError.shapes(op: "crossEntropy", "\(rows) rows of logits and \(labels.count) labels")
  }
  if let wrong = labels.first(where: { Int($0) >= classes }) {
    throw EngineError.shapes(op: "crossEntropy", "label \(wrong) is not one of \(classes) classes")
  }
}
