import CKernels

/// Rows that a thread takes at a time in loops over rows of `width` numbers.
func rowGrain(_ width: Int) -> Int { max(1, elementGrain / 2 / max(width, 1)) }

extension Tensor {
  /// Layer normalisation: each row is moved to mean 0 and stretched to variance 1, then scaled and shifted.
  /// Ba et al. 2016, arXiv:1607.06450.
  ///
  ///     y = (x − mean)/√(variance + ε)·weight + bias        weight, bias: [width]
  public func layerNorm(weight: Tensor, bias: Tensor, epsilon: Float = 1e-5) throws -> Tensor {
    let n = width, rows = rows
    guard weight.count == n, bias.count == n else {
      throw EngineError.shapes(op: "layerNorm", "rows of \(n), weight \(weight.shape), bias \(bias.shape)")
    }
    let x = plain, w = weight.plain, b = bias.plain
    let mean = Storage(rows), rstd = Storage(rows)
    let y = Tensor.make(shape) { y in
      x.read { x in
        w.read { w in
          b.read { b in
            Threads.shared.ranges(rows, grain: rowGrain(n)) { part in
              let i = part.lowerBound
              ck_layer_norm(
                part.count, n, epsilon, x + i * n, w, b, y + i * n, mean.floats + i, rstd.floats + i)
            }
          }
        }
      }
    }
    let needs = (x: isTracked, w: weight.isTracked, b: bias.isTracked)
    return try y.recorded("layerNorm", from: [self, weight, bias]) { dy in
      let dx = needs.x ? Tensor.make(x.shape) { _ in } : nil
      let (dw, db) = rowGradients(rows, n, needs.w, needs.b) { part, dw, db in
        let i = part.lowerBound
        x.read { x in
          w.read { w in
            dy.read { dy in
              let into = dx.map { $0.storage.floats + i * n }
              ck_layer_norm_back(
                part.count, n, x + i * n, w, mean.floats + i, rstd.floats + i, dy + i * n, into, dw, db)
            }
          }
        }
      }
      return [dx, dw, db]
    }
  }

  /// Root-mean-square normalisation. Zhang & Sennrich 2019, arXiv:1910.07467.
  ///
  ///     y = x/√(mean(x²) + ε)·weight        weight: [width]
  public func rmsNorm(weight: Tensor, epsilon: Float = 1e-6) throws -> Tensor {
    let n = width, rows = rows
    guard weight.count == n else {
      throw EngineError.shapes(op: "rmsNorm", "rows of \(n), weight \(weight.shape)")
    }
    let x = plain, w = weight.plain
    let rstd = Storage(rows)
    let y = Tensor.make(shape) { y in
      x.read { x in
        w.read { w in
          Threads.shared.ranges(rows, grain: rowGrain(n)) { part in
            let i = part.lowerBound
            ck_rms_norm(part.count, n, epsilon, x + i * n, w, y + i * n, rstd.floats + i)
          }
        }
      }
    }
    let (needsX, needsW) = (isTracked, weight.isTracked)
    return try y.recorded("rmsNorm", from: [self, weight]) { dy in
      let dx = needsX ? Tensor.make(x.shape) { _ in } : nil
      let (dw, _) = rowGradients(rows, n, needsW, false) { part, dw, _ in
        let i = part.lowerBound
        x.read { x in
          w.read { w in
            dy.read { dy in
              let into = dx.map { $0.storage.floats + i * n }
              ck_rms_norm_back(part.count, n, x + i * n, w, rstd.floats + i, dy + i * n, into, dw)
            }
          }
        }
      }
      return [dx, dw]
    }
  }
}

/// Runs `body` over blocks of rows, each with its own sums for weight and bias, and adds the sums up in order.
func rowGradients(
  _ rows: Int, _ n: Int, _ needsWeight: Bool, _ needsBias: Bool,
  _ body: (Range<Int>, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
) -> (Tensor?, Tensor?) {
  let grain = max(rowGrain(n), (rows + 31) / 32)
  let blocks = (rows + grain - 1) / grain
  let w = needsWeight ? Tensor.zeros([blocks, n]) : nil, b = needsBias ? Tensor.zeros([blocks, n]) : nil
  Threads.shared.run(blocks) { i in
    let part = i * grain..<min(rows, (i + 1) * grain)
    body(part, w.map { $0.storage.floats + i * n }, b.map { $0.storage.floats + i * n })
  }
  func total(_ parts: Tensor?) -> Tensor? {
    parts.map { parts in Tensor.make([n]) { out in parts.read { ck_sum_rows(blocks, n, $0, out) } } }
  }
  return (total(w), total(b))
}
