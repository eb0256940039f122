import CKernels

extension Tensor {
  /// The length of every row over the last axis, which stays with size 1; rows shorter than `least` count as that.
  ///
  ///     n = max(√(Σ x²), least)        dx = dn·x/n, 0 where the row is shorter than `least`
  public func rowNorms(atLeast least: Float = 0) throws -> Tensor {
    guard let columns = shape.last, columns > 0 else {
      throw EngineError.shapes(op: "rowNorms", "rows have no numbers in a shape of \(shape)")
    }
    let x = plain, rows = rows
    let n = Tensor.make(shape.dropLast() + [1]) { n in
      x.read { x in
        for i in 0..<rows { n[i] = max(least, Float(ck_sum_squares(columns, x + i * columns).squareRoot())) }
      }
    }
    return try n.recorded("rowNorms", from: [self]) { dn in
      let dx = Tensor.make(x.shape) { dx in
        x.read { x in
          dn.read { dn in
            n.read { n in
              for i in 0..<rows {
                let slope = n[i] > least ? dn[i] / n[i] : 0, at = i * columns
                for j in at..<at + columns { dx[j] = slope * x[j] }
              }
            }
          }
        }
      }
      return [dx]
    }
  }
}
