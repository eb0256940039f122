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
    return try site.run(Tensor.zeros([0]), pass) { _ in
      let y = try pass.read(weight).gather(flat, shape: shape)
      guard site.isMixed(pass), let rows = pass.rows else { return try added(to: y, indices, pass) }
      return try site.apart([y], rows, pass) { y, own in try added(to: y[0], own.map { indices[$0] }, pass) }
    }
  }

  /// The looked-up rows with low-rank terms: a table is a linear layer that reads one-hot rows, so A is looked up.
  private func added(to y: Tensor, _ indices: [[Int]], _ pass: Pass) throws -> Tensor {
    try site.edits(pass).reduce(y) { y, edit in
      guard let term = try edit.term?(Tensor.zeros([0]), pass) else { return y }
      let rows = try term.a.transposed().gather(indices.flatMap { $0 }, shape: Array(y.shape.dropLast()))
      return try y + rows.matmul(term.b, transposed: true).scaled(by: term.scale)
    }
  }
}
