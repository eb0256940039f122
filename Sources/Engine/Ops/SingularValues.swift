import COpenBLAS

/// LAPACK's singular value decomposition, from OpenBLAS.
@_silgen_name("sgesdd_") private func sgesdd(
  _ job: UnsafePointer<CChar>, _ m: UnsafePointer<Int32>, _ n: UnsafePointer<Int32>,
  _ a: UnsafeMutablePointer<Float>,
  _ lda: UnsafePointer<Int32>, _ s: UnsafeMutablePointer<Float>, _ u: UnsafeMutablePointer<Float>?,
  _ ldu: UnsafePointer<Int32>, _ vt: UnsafeMutablePointer<Float>?, _ ldvt: UnsafePointer<Int32>,
  _ work: UnsafeMutablePointer<Float>, _ lwork: UnsafePointer<Int32>, _ iwork: UnsafeMutablePointer<Int32>,
  _ info: UnsafeMutablePointer<Int32>)

extension Tensor {
  /// The singular values of a matrix, largest first; those of a matrix and its transpose are the same.
  public func singularValues() throws -> [Float] {
    var u: [Float] = [], vt: [Float] = []
    return try decompose("N", &u, &vt)
  }

  /// The singular value decomposition of a matrix W [m, n], with k = min(m, n):
  ///
  ///     W = U·diag(s)·Vᵀ        U: [m, k], s: largest first, Vᵀ: [k, n]
  ///
  /// Singular vectors come in pairs: the sign of column i of U and of row i of Vᵀ may be turned together.
  public func singularDecomposition() throws -> (u: Tensor, s: [Float], vt: Tensor) {
    var left: [Float] = [], right: [Float] = []
    let s = try decompose("S", &left, &right)
    // LAPACK counts columns first and so saw Wᵀ = V·diag(s)·Uᵀ.
    return (try Tensor([shape[0], s.count], right), s, try Tensor([s.count, shape[1]], left))
  }

  private func decompose(_ job: Character, _ u: inout [Float], _ vt: inout [Float]) throws -> [Float] {
    guard shape.count == 2, count > 0 else {
      throw EngineError.shapes(op: "svd", "a matrix has two axes and numbers in it, the shape is \(shape)")
    }
    guard isFinite else { throw EngineError.notFinite(op: "svd's input", place: "") }
    var a = scalars
    let k = min(shape[0], shape[1]), hasVectors = job == "S"
    var m = Int32(shape[1]), n = Int32(shape[0]), rank = Int32(k), info: Int32 = 0, size: Int32 = -1
    var s = [Float](repeating: 0, count: k), order = [Int32](repeating: 0, count: 8 * k), room: [Float] = [0]
    u = [Float](repeating: 0, count: hasVectors ? shape[1] * k : 1)
    vt = [Float](repeating: 0, count: hasVectors ? shape[0] * k : 1)
    var letter = CChar(job.asciiValue ?? 78), rows = m, left = m
    sgesdd(&letter, &m, &n, &a, &rows, &s, &u, &left, &vt, &rank, &room, &size, &order, &info)
    size = Int32(room[0])
    room = [Float](repeating: 0, count: max(1, Int(size)))
    sgesdd(&letter, &m, &n, &a, &rows, &s, &u, &left, &vt, &rank, &room, &size, &order, &info)
    guard info == 0 else { throw EngineError.shapes(op: "svd", "LAPACK gave up (\(info))") }
    return s
  }
}

/// LAPACK's QR decomposition, from OpenBLAS.
@_silgen_name("sgeqrf_") private func sgeqrf(
  _ m: UnsafePointer<Int32>, _ n: UnsafePointer<Int32>, _ a: UnsafeMutablePointer<Float>,
  _ lda: UnsafePointer<Int32>,
  _ tau: UnsafeMutablePointer<Float>, _ work: UnsafeMutablePointer<Float>, _ lwork: UnsafePointer<Int32>,
  _ info: UnsafeMutablePointer<Int32>)

extension Tensor {
  /// The singular values of B·A, largest first, without the product: B [out, r], A [r, in].
  ///
  ///     B = Q₁R₁, Aᵀ = Q₂R₂        σ(B·A) = σ(R₁·R₂ᵀ), a matrix of at most r × r
  public static func singularValues(ofProduct b: Tensor, _ a: Tensor) throws -> [Float] {
    guard a.shape.count == 2, b.shape.count == 2, a.shape[0] == b.shape[1], a.count > 0, b.count > 0 else {
      throw EngineError.shapes(op: "svd", "\(b.shape) and \(a.shape) have no product with numbers in it")
    }
    guard a.isFinite, b.isFinite else { throw EngineError.notFinite(op: "svd's input", place: "") }
    let left = try upper(b.plain.transposed()), right = try upper(a)
    return try left.matmul(right, transposed: true).singularValues()
  }

  /// R of the QR decomposition of xᵀ; x: [r, n] → R: [min(r, n), r].
  private static func upper(_ x: Tensor) throws -> Tensor {
    let r = x.shape[0], n = x.shape[1], k = min(r, n)
    var a = x.scalars  // LAPACK's columns are our rows
    var rows = Int32(n), columns = Int32(r), info: Int32 = 0, size: Int32 = -1
    var scales = [Float](repeating: 0, count: k), room: [Float] = [0]
    var lead = rows
    sgeqrf(&rows, &columns, &a, &lead, &scales, &room, &size, &info)
    size = max(1, Int32(room[0]))
    room = [Float](repeating: 0, count: Int(size))
    sgeqrf(&rows, &columns, &a, &lead, &scales, &room, &size, &info)
    guard info == 0 else { throw EngineError.shapes(op: "qr", "LAPACK gave up (\(info))") }
    var out = [Float](repeating: 0, count: k * r)
    for i in 0..<k { for j in i..<r { out[i * r + j] = a[j * n + i] } }
    return try Tensor([k, r], out)
  }
}
