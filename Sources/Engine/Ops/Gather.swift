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
    /// Writes the row of the table that stands for place i.
    func write(_ i: Int, _ y: UnsafeMutablePointer<Float>) {
      let start = table.offset + indices[i] * n
      switch table.storage.format {
      case .f32: y.update(from: table.storage.floats + start, count: n)
      case .bf16: ck_bf16_to_f32(n, table.storage.halves + start, y)
      case .f16: ck_f16_to_f32(n, table.storage.halves + start, y)
      case .fourBit: table.storage.withFloats(start, n) { y.update(from: $0, count: n) }
      }
    }
    let y = Tensor.make(outer + [n]) { y in
      Threads.shared.ranges(indices.count, grain: rowGrain(n)) { for i in $0 { write(i, y + i * n) } }
    }
    return try y.recorded("gather", from: [self]) { dy in
      if !indices.isEmpty, indices.indices.dropFirst().allSatisfy({ indices[$0 - 1] < indices[$0] }) {
        return [dy.spread(over: length, at: indices)]
      }
      let dtable = Tensor.zeros(table.shape)
      dy.read { dy in
        let out = dtable.storage.floats
        for (i, row) in indices.enumerated() { ck_axpy(n, 1, dy + i * n, out + row * n) }
      }
      return [dtable]
    }
  }

  /// A table of so many rows: these at ascending indices, zeros elsewhere. Every task writes from its first row up to the
  /// next task's.
  private func spread(over length: Int, at indices: [Int]) -> Tensor {
    let n = width
    return Tensor.make([length, n]) { out in
      read { y in
        Threads.shared.ranges(indices.count, grain: rowGrain(n)) { part in
          var next = part.lowerBound == 0 ? 0 : indices[part.lowerBound]
          func clear(before row: Int) { (out + next * n).update(repeating: 0, count: (row - next) * n) }
          for i in part {
            clear(before: indices[i])
            (out + indices[i] * n).update(from: y + i * n, count: n)
            next = indices[i] + 1
          }
          clear(before: part.upperBound == indices.count ? length : indices[part.upperBound])
        }
      }
    }
  }
}
