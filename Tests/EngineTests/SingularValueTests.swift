import Testing

@testable import Engine

/// Singular values from LAPACK.
@Suite struct SingularValueTests {
  @Test func knownOnes() throws {
    #expect(try Tensor([2, 3], [0, 3, 0, -4, 0, 0]).singularValues() == [4, 3])
    let x = Chance(seed: 1).normal([7, 4], purpose: "x"), values = try x.singularValues()
    #expect(values.count == 4 && values == values.sorted(by: >))
    let squares = values.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(squares - x.norm) < 1e-4 * x.norm, "their squares add up to those of the numbers")
    let turned = try x.transposed().singularValues()
    #expect(zip(values, turned).allSatisfy { abs($0 - $1) < 1e-4 })
    let thin = try x.matmul(x.transposed()).singularValues()
    #expect(thin.count == 7 && thin[4...].allSatisfy { $0 < 1e-4 }, "rank 4 in seven dimensions")
  }

  @Test func theDecompositionGivesTheMatrixBack() throws {
    for shape in [[7, 4], [3, 9], [5, 5], [1, 6]] {
      let w = Chance(seed: 2).normal(shape, purpose: "w"), k = shape.min() ?? 0
      let (u, s, vt) = try w.singularDecomposition()
      #expect(u.shape == [shape[0], k] && vt.shape == [k, shape[1]] && s.count == k)
      #expect(zip(s, try w.singularValues()).allSatisfy { abs($0 - $1) < 1e-5 * s[0] })
      let again = try (u * Tensor([1, k], s)).matmul(vt)
      #expect(try again.largestDifference(from: w) < 1e-5)
      let one = try Tensor([k, k], (0..<k * k).map { $0 % (k + 1) == 0 ? 1 : 0 })
      #expect(try u.matmul(u, transposedSelf: true).largestDifference(from: one) < 1e-5)
      #expect(try vt.matmul(vt, transposed: true).largestDifference(from: one) < 1e-5)
    }
  }

  @Test func whatIsNoMatrixIsAnError() throws {
    for shape in [[3], [2, 2, 2], [0, 3], []] {
      #expect(throws: EngineError.self) { try Tensor.filled(shape, 1).singularValues() }
    }
    #expect(throws: EngineError.notFinite(op: "svd's input", place: "")) {
      try Tensor([1, 2], [1, .nan]).singularValues()
    }
  }

  /// σ(B·A) by way of QR equals that of the whole product, for ranks below and above both sizes.
  @Test(arguments: [(out: 9, rank: 3, width: 7), (4, 4, 11), (5, 8, 6), (1, 2, 3)])
  func ofAProductWithoutTheProduct(_ sizes: (out: Int, rank: Int, width: Int)) throws {
    let chance = Chance(seed: 4)
    let b = chance.normal([sizes.out, sizes.rank], deviation: 1, purpose: "b")
    let a = chance.normal([sizes.rank, sizes.width], deviation: 1, purpose: "a")
    let quick = try Tensor.singularValues(ofProduct: b, a)
    let whole = try b.matmul(a).singularValues()
    #expect(quick.count == min(sizes.out, sizes.rank, sizes.width))
    for (i, value) in whole.enumerated() {
      #expect(abs(value - (i < quick.count ? quick[i] : 0)) < 1e-4 * whole[0])
    }
    #expect(throws: EngineError.self) { try Tensor.singularValues(ofProduct: a, a) }
  }
}
