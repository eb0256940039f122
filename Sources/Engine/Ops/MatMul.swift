extension Tensor {
  /// The matrix product over the last two axes; axes before them are a batch and must agree, or be absent in `other`.
  ///
  ///     C = op(A)·op(B)        op: as it stands, or with its last two axes exchanged
  public func matmul(_ other: Tensor, transposed: Bool = false, transposedSelf: Bool = false) throws -> Tensor
  {
    let a = plain, b = other.plain
    guard a.shape.count >= 2, b.shape.count >= 2 else {
      throw EngineError.shapes(op: "matmul", "both need two axes, the shapes are \(a.shape) and \(b.shape)")
    }
    let (ra, ca) = (a.shape[a.shape.count - 2], a.width), (rb, cb) = (b.shape[b.shape.count - 2], b.width)
    let (m, k) = transposedSelf ? (ca, ra) : (ra, ca), (kb, n) = transposed ? (cb, rb) : (rb, cb)
    let outer = Array(a.shape.dropLast(2)), outerB = Array(b.shape.dropLast(2))
    guard k == kb, outer == outerB || outerB.isEmpty else {
      throw EngineError.shapes(
        op: "matmul",
        "shapes \(a.shape)\(transposedSelf ? "ᵀ" : "") and \(b.shape)\(transposed ? "ᵀ" : "") do not meet")
    }
    let batch = outer.reduce(1, *), stepB = outerB.isEmpty ? 0 : rb * cb
    let y = Tensor.make(outer + [m, n]) { y in
      a.read { a in
        b.read { b in
          for i in 0..<batch {
            Product.run(
              m, n, k, .init(a + i * ra * ca, stride: ca, transposed: transposedSelf),
              .init(b + i * stepB, stride: cb, transposed: transposed), into: y + i * m * n, stride: n)
          }
        }
      }
    }
    let (needsA, needsB) = (isTracked, other.isTracked)
    return try y.recorded("matmul", from: [self, other]) { dy in
      // dA = dC·op(B)ᵀ, or op(B)·dCᵀ where A stands transposed; dB likewise.
      let da =
        !needsA
        ? nil
        : Tensor.make(a.shape) { da in
          b.read { b in
            dy.read { dy in
              for i in 0..<batch {
                let dc = dy + i * m * n, b = b + i * stepB, da = da + i * ra * ca
                if transposedSelf {
                  Product.run(
                    k, m, n, .init(b, stride: cb, transposed: transposed),
                    .init(dc, stride: n, transposed: true), into: da, stride: ca)
                } else {
                  Product.run(
                    m, k, n, .init(dc, stride: n), .init(b, stride: cb, transposed: !transposed), into: da,
                    stride: ca)
                }
              }
            }
          }
        }
      let db =
        !needsB
        ? nil
        : batch == 0
          ? Tensor.zeros(b.shape)
          : Tensor.make(b.shape) { db in
            a.read { a in
              dy.read { dy in
                for i in 0..<batch {
                  let dc = dy + i * m * n, a = a + i * ra * ca, db = db + i * stepB
                  let onto = stepB == 0 && i > 0 ? Product.Onto.itself : .zeros
                  if transposed {
                    Product.run(
                      n, k, m, .init(dc, stride: n, transposed: true),
                      .init(a, stride: ca, transposed: transposedSelf), into: db, stride: cb, onto: onto)
                  } else {
                    Product.run(
                      k, n, m, .init(a, stride: ca, transposed: !transposedSelf), .init(dc, stride: n),
                      into: db, stride: cb, onto: onto)
                  }
                }
              }
            }
          }
      return [da, db]
    }
  }
}
