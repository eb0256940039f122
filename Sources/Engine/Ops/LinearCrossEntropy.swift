import CKernels

extension Tensor {
  /// The loss of a linear head without ever holding all logits: blocks of rows, gradients made on the way.
  ///
  ///     loss = mean −log softmax(x·Wᵀ)[label]        dlogits = (softmax − onehot)/counted
  ///     dx = dlogits·W        dW = dlogitsᵀ·x
  ///
  /// x: [rows, in], W: [classes, in]. The same numbers as `linear` then `crossEntropy`, up to rounding; `compute` as
  /// there.
  public func linearCrossEntropy(
    _ weight: Tensor, _ labels: [Int32], compute: Compute = .f32
  ) throws -> CrossEntropyResult {
    let k = width, rows = rows, classes = weight.shape.first ?? 0
    guard weight.shape == [classes, k] else {
      throw EngineError.shapes(op: "linearCrossEntropy", "rows of \(k), weight \(weight.shape)")
    }
    try checkLabels(labels, rows: rows, classes: classes)
    let counted = labels.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) }
    let scale = 1 / Float(max(counted, 1))
    let (needsX, needsW) = (isTracked, weight.isTracked)
    let dx = needsX ? Tensor.make(shape) { _ in } : nil
    let dw = !needsW ? nil : rows == 0 ? Tensor.zeros(weight.shape) : Tensor.make(weight.shape) { _ in }
    // As many logits as the caches hold, but enough rows for dW's sake, which each block adds to.
    let losses = Tensor.zeros([rows]).storage  // without classes nothing is written
    let block = min(1024, max(256, 1_048_576 / max(classes, 1)))
    let isHalf = compute == .bf16 && !needsW
    func halves(turned: Bool) -> Product.Right {
      weight.storage.halves(offset: weight.offset, rows: classes, columns: k, turned: turned)
    }
    let turned =
      isHalf
      ? halves(turned: true)
      : weight.storage.turned(
        offset: weight.offset, rows: classes, columns: k, isTraining: needsX || needsW)
    let logits = Storage(min(block, max(rows, 1)) * classes)
    read { x in
      weight.read { w in
        labels.withUnsafeBufferPointer { labels in
          guard let labels = labels.baseAddress else { return }
          let back =
            !needsX
            ? nil
            : isHalf
              ? halves(turned: false) : Product.Right(.init(w, stride: k), m: rows, n: k, k: classes)
          for i in stride(from: 0, to: rows, by: block) {
            let n = min(block, rows - i), l = logits.floats
            Product.run(n, classes, k, .init(x + i * k, stride: k), turned, into: l, stride: classes)
            Threads.shared.ranges(n, grain: rowGrain(classes)) { part in
              let r = part.lowerBound, at = l + r * classes
              ck_cross_entropy(
                part.count, classes, at, labels + i + r, scale, losses.floats + i + r,
                needsX || needsW ? at : nil)
            }
            if let dx, let back {
              Product.run(
                n, k, classes, .init(l, stride: classes), back, into: dx.storage.floats + i * k, stride: k)
            }
            if let dw {
              Product.run(
                classes, k, n, .init(l, stride: classes, transposed: true), .init(x + i * k, stride: k),
                into: dw.storage.floats, stride: k, beta: i == 0 ? 0 : 1)
            }
          }
        }
      }
    }
    let loss = Tensor(ck_sum(rows, losses.floats) * scale)
    let recorded = try loss.recorded("linearCrossEntropy", from: [self, weight]) { dy in
      let g = dy.item
      return g == 1 ? [dx, dw] : [try dx?.scaled(by: g), try dw?.scaled(by: g)]
    }
    return CrossEntropyResult(loss: recorded, rows: Tensor(shape: [rows], storage: losses), counted: counted)
  }
}
