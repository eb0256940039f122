import CKernels

extension Tensor {
  /// The sum over some axes (all, if none are given), which stay with size 1 when `keep` is set.
  public func sum(axes: [Int]? = nil, keep: Bool = false) throws -> Tensor {
    let rank = shape.count
    let axes = (axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 }
    guard axes.allSatisfy({ (0..<rank).contains($0) }) else {
      throw EngineError.shapes(op: "sum", "axes \(axes) are not all in a shape of \(rank) axes")
    }
    let kept = shape.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
    let x = plain
    let meeting = try Broadcast("sum", shape, kept)
    let total = Tensor.zeros(kept)
    x.read { x in
      let out = total.storage.floats
      meeting.runs { _, n, l, _, r, rs in
        if rs == 0 { out[r] += ck_sum(n, x + l) } else { ck_axpy(n, 1, x + l, out + r) }
      }
    }
    let outShape = keep ? kept : shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    let y = Tensor(shape: outShape, storage: total.storage)
    return try y.recorded("sum", from: [self]) { dy in
      let dx = Tensor.make(x.shape) { dx in
        dy.read { dy in
          meeting.runs { at, n, _, _, r, rs in for i in 0..<n { dx[at + i] = dy[r + i * rs] } }
        }
      }
      return [dx]
    }
  }

  /// The mean over some axes (all, if none are given).
  public func mean(axes: [Int]? = nil, keep: Bool = false) throws -> Tensor {
    let sums = try sum(axes: axes, keep: keep)
    let each = Float(count) / Float(max(sums.count, 1))
    return try sums.scaled(by: 1 / each)
  }
}
