import CKernels

extension Tensor {
  /// The log-probability of one label a row of logits [rows, classes]; labels below 0 (−100) give 0 and no gradient.
  ///
  ///     y[i] = log softmax(x[i])[label]        dx[i] = dy[i]·(onehot − softmax(x[i]))
  ///
  /// y: [rows]. What policy losses are made of, where each token has a weight of its own.
  public func logProbabilities(of labels: [Int32]) throws -> Tensor {
    let n = width, rows = rows
    try checkLabels(labels, rows: rows, classes: n)
    let x = plain, isNeeded = isTracked
    let y = Tensor.zeros([rows])
    let slopes = isNeeded ? Tensor.zeros([rows, n]) : nil  // softmax − onehot
    x.read { x in
      labels.withUnsafeBufferPointer { labels in
        guard let labels = labels.baseAddress else { return }
        let out = y.storage.floats
        Threads.shared.ranges(rows, grain: rowGrain(n)) { part in
          let i = part.lowerBound
          ck_cross_entropy(
            part.count, n, x + i * n, labels + i, 1, out + i, slopes.map { $0.storage.floats + i * n })
          for row in part { out[row] = -out[row] }
        }
      }
    }
    let shape = shape
    return try y.recorded("logProbabilities", from: [self]) { dy in
      guard let slopes else { return [nil] }
      let dx = Tensor.make(shape) { dx in
        slopes.read { slopes in
          dy.read { dy in
            for row in 0..<rows {
              let a = -dy[row]
              for i in row * n..<(row + 1) * n { dx[i] = a * slopes[i] }
            }
          }
        }
      }
      return [dx]
    }
  }
}
