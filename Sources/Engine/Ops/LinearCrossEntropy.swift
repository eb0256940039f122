import CKernels

extension Tensor {
  /// The loss of a linear head without ever holding all logits: blocks of rows, gradients made on the way.
  ///
  ///     loss = mean −log softmax(x·Wᵀ)[label]        dlogits = (softmax − onehot)/counted
  ///     dx = dlogits·W        dW = dlogitsᵀ·x
  ///
  /// x: [rows, in], W: [classes, in]. The same numbers as `linear` then `crossEntropy`, up to rounding; `compute` as
  /// there. Of a large W a span of classes at a time is made ready for its products, so that W stands in memory once.
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
    let losses = Tensor.zeros([rows]).storage  // without classes nothing is written
    let isHalf = compute == .bf16 && !needsW
    let isLarge = !isHalf && (needsX || needsW) && classes * k >= 1 << 23
    // As many logits as the caches hold, but enough rows for dW's sake, which each block adds to; more where all of a
    // large W is made ready for each block.
    let block = isLarge ? 512 : min(1024, max(256, 1_048_576 / max(classes, 1)))
    // Whole slabs of the kernel's, so that sums over classes are added up in the same order as all at once.
    let span = isLarge ? ((1 << 20) / (256 * k) + 1) * 256 : max(classes, 1)
    let spans = stride(from: 0, to: max(classes, 1), by: span).map { $0..<min(classes, $0 + span) }
    /// The classes of a span as the right factor of x·Wᵀ, or of dlogits·W.
    func factor(_ classes: Range<Int>, _ w: UnsafePointer<Float>, turned: Bool) -> Product.Right {
      let offset = weight.offset + classes.lowerBound * k
      if isHalf {
        return weight.storage.halves(offset: offset, rows: classes.count, columns: k, turned: turned)
      }
      if turned {
        return weight.storage.turned(
          offset: offset, rows: classes.count, columns: k, isTraining: needsX || needsW)
      }
      return Product.Right(.init(w + classes.lowerBound * k, stride: k), m: rows, n: k, k: classes.count)
    }
    let logits = Storage(min(block, max(rows, 1)) * classes)
    read { x in
      weight.read { w in
        labels.withUnsafeBufferPointer { labels in
          guard let labels = labels.baseAddress else { return }
          // Made once for all blocks, but for a large W.
          let turned = isLarge ? nil : factor(0..<classes, w, turned: true)
          let back = isLarge || !needsX ? nil : factor(0..<classes, w, turned: false)
          for i in stride(from: 0, to: rows, by: block) {
            let n = min(block, rows - i), l = logits.floats
            for part in spans {
              Product.run(
                n, part.count, k, .init(x + i * k, stride: k), turned ?? factor(part, w, turned: true),
                into: l + part.lowerBound, stride: classes)
            }
            Threads.shared.ranges(n, grain: rowGrain(classes)) { part in
              let r = part.lowerBound, at = l + r * classes
              ck_cross_entropy(
                part.count, classes, at, labels + i + r, scale, losses.floats + i + r,
                needsX || needsW ? at : nil)
            }
            if let dx {
              for part in spans {
                Product.run(
                  n, k, part.count, .init(l + part.lowerBound, stride: classes),
                  back ?? factor(part, w, turned: false), into: dx.storage.floats + i * k, stride: k,
                  onto: part.lowerBound == 0 ? .zeros : .itself)
              }
            }
            if let dw {
              Product.run(
                classes, k, n, .init(l, stride: classes, transposed: true), .init(x + i * k, stride: k),
                into: dw.storage.floats, stride: k, onto: i == 0 ? .zeros : .itself)
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
