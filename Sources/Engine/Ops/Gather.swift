import CKernels

extension Tensor {
  /// Rows of a table by index, as an embedding looks them up: y[i] = table[indices[i]].
  ///
  /// The table is [n, width], the result [shape…, width]. Going back adds dy's rows into a table of zeros.
  /// Throws when an index is not a row of the table.
  public func gather(_ indices: [Int], shape: [Int]? = nil) throws -> Tensor {
    let n = width, length = rows
    let outer = shape ?? [indices.count]
    guard self.shape.count == 2, Tensor.count(of: outer) == indices.count else {
      throw EngineError.shapes(op: "gather", "table \(self.shape), \(indices.count) indices for \(outer)")
    }
    if let wrong = indices.first(where: { $0 < 0 || $0 >= length }) {
      throw EngineError.shapes(op: "gather", "index \(wrong) is not a row of the table, which has \(length)")
    }
    let table = plain
    let y = Tensor.make(outer + [n]) { y in
      switch table.storage.format {
      case .f32:
        table.read { t in
          for (i, row) in indices.enumerated() { (y + i * n).update(from: t + row * n, count: n) }
        }
      case .bf16:
        let t = table.storage.halves + table.offset
        for (i, row) in indices.enumerated() { ck_bf16_to_f32(n, t + row * n, y + i * n) }
      case .f16:
        let t = table.storage.halves + table.offset
        for (i, row) in indices.enumerated() { ck_f16_to_f32(n, t + row * n, y + i * n) }
      case .fourBit:
        for (i, row) in indices.enumerated() {
          table.storage.withFloats(table.offset + row * n, n) { (y + i * n).update(from: $0, count: n) }
        }
      }
    }
    return try y.recorded("gather", from: [self]) { dy in
      let dtable = Tensor.zeros(table.shape)
      dy.read { dy in
        let out = dtable.storage.floats
        for (i, row) in indices.enumerated() { ck_axpy(n, 1, dy + i * n, out + row * n) }
      }
      return [dtable]
    }
  }
}
