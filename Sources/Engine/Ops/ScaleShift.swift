extension Tensor {
  /// Stretches each column of the rows, and moves it: what SSF and IA3 put after an operation.
  ///
  ///     y = x⊙scale + shift        dx = dy⊙scale     dscale = Σ rows dy⊙x     dshift = Σ rows dy
  ///
  /// x: [..., width], scale and shift: [width].
  public func scaledAndShifted(_ scale: Tensor, _ shift: Tensor? = nil) throws -> Tensor {
    let n = width, rows = rows
    guard scale.count == n, shift.map({ $0.count == n }) ?? true else {
      let other = shift.map { ", shift \($0.shape)" } ?? ""
      throw EngineError.shapes(op: "scaleShift", "rows of \(n), scale \(scale.shape)\(other)")
    }
    let x = plain, g = scale.plain, b = shift?.plain ?? .zeros([n])
    let y = Tensor.make(shape) { y in
      x.read { x in
        g.read { g in
          b.read { b in
            Threads.shared.ranges(rows, grain: rowGrain(n)) { part in
              for row in part {
                let x = x + row * n, y = y + row * n
                for i in 0..<n { y[i] = x[i] * g[i] + b[i] }
              }
            }
          }
        }
      }
    }
    let needs = (x: isTracked, scale: scale.isTracked, shift: shift?.isTracked ?? false)
    return try y.recorded("scaleShift", from: [self, scale] + (shift.map { [$0] } ?? [])) { dy in
      let dx = needs.x ? Tensor.make(x.shape) { _ in } : nil
      let (dg, db) = rowGradients(rows, n, needs.scale, needs.shift) { part, dg, db in
        x.read { x in
          g.read { g in
            dy.read { dy in
              for row in part {
                let x = x + row * n, dy = dy + row * n
                if let dx = dx.map({ $0.storage.floats + row * n }) {
                  for i in 0..<n { dx[i] = dy[i] * g[i] }
                }
                if let dg { for i in 0..<n { dg[i] += dy[i] * x[i] } }
                if let db { for i in 0..<n { db[i] += dy[i] } }
              }
            }
          }
        }
      }
      return [dx, dg] + (shift == nil ? [] : [db])
    }
  }
}
