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
    guard shape.count == 2, count > 0 else {
      throw EngineError.shapes(op: "svd", "a matrix has two axes and numbers in it, the shape is \(shape)")
    }
    guard isFinite else { throw EngineError.notFinite(op: "svd's input", place: "") }
    var a = scalars
    var m = Int32(shape[1]), n = Int32(shape[0]), info: Int32 = 0, one: Int32 = 1, size: Int32 = -1
    let k = min(shape[0], shape[1])
    var s = [Float](repeating: 0, count: k), order = [Int32](repeating: 0, count: 8 * k), room: [Float] = [0]
    var job = CChar(UInt8(ascii: "N"))
    sgesdd(&job, &m, &n, &a, &m, &s, nil, &one, nil, &one, &room, &size, &order, &info)
    size = Int32(room[0])
    room = [Float](repeating: 0, count: max(1, Int(size)))
    var rows = m
    sgesdd(&job, &m, &n, &a, &rows, &s, nil, &one, nil, &one, &room, &size, &order, &info)
    guard info == 0 else { throw EngineError.shapes(op: "svd", "LAPACK gave up (\(info))") }
    return s
  }
}
