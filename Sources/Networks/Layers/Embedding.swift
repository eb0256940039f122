import Engine

/// A table of vectors looked up by index.        indices → [batch, time, width]
public struct Embedding {
  /// Where it runs; its input is empty, since indices are not a tensor.
  public let site: Site
  /// The table, [count, width].
  public let weight: Parameter

  init(_ scope: Scope, count: Int, width: Int, start: Start) throws {
    weight = try scope.parameter("weight", [count, width], start)
    site = scope.site(.embedding, width: (count, width), weight: weight)
  }

  /// Looks up rows of indices, all of one length.
  public func callAsFunction(_ indices: [[Int]], _ pass: Pass) throws -> Tensor {
    let shape = [indices.count, indices.first?.count ?? 0], flat = indices.flatMap { $0 }
    return try site.run(Tensor.zeros([0]), pass) { x in
      let y = try pass.read(weight).gather(flat, shape: shape)
      return try site.edits(pass).reduce(y) { y, edit in
        guard let term = try edit.term?(x, pass) else { return y }
        let rows = try term.a.transposed().gather(flat, shape: shape)  // x·Aᵀ of one-hot rows
        return try y + rows.matmul(term.b, transposed: true).scaled(by: term.scale)
      }
    }
  }
}
