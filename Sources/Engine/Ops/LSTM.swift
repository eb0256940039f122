import CKernels

extension Tensor {
  /// Long short-term memory over a sequence, in one direction. Hochreiter & Schmidhuber 1997, with the forget gate of
  /// Gers, Schmidhuber & Cummins 2000; gates in PyTorch's order.
  ///
  ///     [i f g o] = x[t] + W·h[t−1]     c[t] = σ(f)⊙c[t−1] + σ(i)⊙tanh(g)     h[t] = σ(o)⊙tanh(c[t])
  ///
  /// x: [time, 4·m], what the inputs add to the gates (a linear layer of them, biases included); W: [4·m, m]. h and c
  /// begin at 0. `reversed` runs from the last row to the first. The result is h, [time, m]. The four gates of a step
  /// are one product.
  public func lstm(_ weight: Tensor, reversed: Bool = false) throws -> Tensor {
    let m = weight.width
    guard shape.count == 2, weight.shape == [4 * m, m], width == 4 * m, m > 0, shape[0] > 0 else {
      throw EngineError.shapes(op: "lstm", "gates \(shape) for a recurrent weight \(weight.shape)")
    }
    let run = LSTMRun(packed(as: .f32).plain, weight.packed(as: .f32).plain, isReversed: reversed)
    let y = run.forward()
    let needs = (x: isTracked, w: weight.isTracked)
    return try y.recorded("lstm", from: [self, weight]) { dy in
      let dx = run.gates(dy)
      return [needs.x ? dx : nil, needs.w ? run.weight(dx, y) : nil]
    }
  }
}

/// One run over a sequence, with what going back needs: gates after their functions, cells.
private struct LSTMRun {
  let x, w: Tensor
  let time, m: Int
  /// Rows in the order in which they are read.
  let order: [Int]
  /// σ(i), σ(f), tanh(g), σ(o) by row, [time, 4·m].
  let gates: Storage
  /// c by row, and tanh(c), [time, m].
  let cells, squashed: Storage

  init(_ x: Tensor, _ w: Tensor, isReversed: Bool) {
    (self.x, self.w) = (x, w)
    (time, m) = (x.shape[0], w.width)
    order = isReversed ? (0..<time).reversed() : Array(0..<time)
    gates = Storage(time * 4 * m)
    (cells, squashed) = (Storage(time * m), Storage(time * m))
  }

  func forward() -> Tensor {
    Tensor.make([time, m]) { h in
      let sums = Storage(4 * m)
      x.read { x in
        w.read { w in
          var last = -1
          for t in order {
            sums.floats.update(from: x + t * 4 * m, count: 4 * m)
            if last >= 0 { addProduct(h + last * m, w, into: sums.floats) }
            step(sums.floats, t, last, h + t * m)
            last = t
          }
        }
      }
    }
  }

  /// sums [4·m] += W·h
  private func addProduct(
    _ h: UnsafePointer<Float>, _ w: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>
  ) {
    Product.run(
      1, 4 * m, m, .init(h, stride: m), .init(w, stride: m, transposed: true), into: sums, stride: 4 * m,
      onto: .itself)
  }

  private func step(
    _ sums: UnsafePointer<Float>, _ t: Int, _ last: Int, _ h: UnsafeMutablePointer<Float>
  ) {
    let a = gates.floats + t * 4 * m, c = cells.floats + t * m, s = squashed.floats + t * m
    ck_sigmoid(2 * m, sums, a)
    ck_tanh(m, sums + 2 * m, a + 2 * m)
    ck_sigmoid(m, sums + 3 * m, a + 3 * m)
    for j in 0..<m {
      let kept = last < 0 ? 0 : a[m + j] * cells.floats[last * m + j]
      c[j] = kept + a[j] * a[2 * m + j]
    }
    ck_tanh(m, c, s)
    for j in 0..<m { h[j] = a[3 * m + j] * s[j] }
  }

  /// The gradient for x, [time, 4·m]: back through the steps, from the last one read.
  func gates(_ dy: Tensor) -> Tensor {
    Tensor.make([time, 4 * m]) { dx in
      let dh = Storage(m), dc = Storage(m)
      dh.floats.update(repeating: 0, count: m)
      dc.floats.update(repeating: 0, count: m)
      dy.read { dy in
        w.read { w in
          for place in order.indices.reversed() {
            let t = order[place], last = place > 0 ? order[place - 1] : -1
            for j in 0..<m { dh.floats[j] += dy[t * m + j] }
            back(t, last, dh.floats, dc.floats, dx + t * 4 * m)
            guard last >= 0 else { continue }
            Product.run(
              1, m, 4 * m, .init(dx + t * 4 * m, stride: 4 * m), .init(w, stride: m), into: dh.floats,
              stride: m)
          }
        }
      }
    }
  }

  /// From dh and dc of a step to its gates' gradient; leaves dc of the step before.
  private func back(
    _ t: Int, _ last: Int, _ dh: UnsafePointer<Float>, _ dc: UnsafeMutablePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>
  ) {
    let a = gates.floats + t * 4 * m, s = squashed.floats + t * m
    for j in 0..<m {
      let (i, f, g, o) = (a[j], a[m + j], a[2 * m + j], a[3 * m + j])
      let d = dc[j] + dh[j] * o * (1 - s[j] * s[j])
      let before = last < 0 ? 0 : cells.floats[last * m + j]
      dx[j] = d * g * i * (1 - i)
      dx[m + j] = d * before * f * (1 - f)
      dx[2 * m + j] = d * i * (1 - g * g)
      dx[3 * m + j] = dh[j] * s[j] * o * (1 - o)
      dc[j] = d * f
    }
  }

  /// The gradient for W: Σ dx[t]·h[t−1]ᵀ, as one product.
  func weight(_ dx: Tensor, _ y: Tensor) -> Tensor {
    let before = Tensor.zeros([time, m])
    y.read { h in
      for place in order.indices.dropFirst() {
        (before.storage.floats + order[place] * m).update(from: h + order[place - 1] * m, count: m)
      }
    }
    return Tensor.make([4 * m, m]) { dw in
      dx.read { dx in
        before.read { h in
          Product.run(
            4 * m, m, time, .init(dx, stride: 4 * m, transposed: true), .init(h, stride: m), into: dw,
            stride: m)
        }
      }
    }
  }
}
