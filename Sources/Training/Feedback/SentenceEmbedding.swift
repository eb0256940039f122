import Engine
import Networks
import Options

/// Texts as vectors: the mean of a model's last states over a text's tokens, brought to length 1, so that the product of
/// two is the cosine between them. Reimers and Gurevych 2019, arXiv:1908.10084.
///
///     e = m/‖m‖, m = mean_t s_t over the tokens, padding left out        cos(a, b) = e_a·e_b
extension Model {
  /// Throws where the model gives no vector of a text.
  public func checkGivesVectors() throws {
    guard network.reads == .tokens, network.start == nil else {
      throw Failure(
        "this model gives no vector of a text: it \(network.start == nil ? "reads pictures" : "writes an answer").",
        cure: "let e = open minilm")
    }
  }

  /// The vectors of rows of tokens, with what stands around a text: [rows, width].
  public func embeddings(_ rows: [[Int]], isBase: Bool = false, interrupt: Interrupt? = nil) throws -> Tensor
  {
    try checkGivesVectors()
    // Rows of like length go together, so that little is filled up.
    let order = rows.indices.sorted { (rows[$0].count, $0) < (rows[$1].count, $1) }
    var found = [Tensor?](repeating: nil, count: rows.count)
    for start in stride(from: 0, to: order.count, by: 32) {
      try interrupt?.check()
      let places = Array(order[start..<min(start + 32, order.count)])
      let vectors = try pooled(places.map { rows[$0] }, isBase: isBase)
      for (i, place) in places.enumerated() { found[place] = try vectors.slice(axis: 0, i..<i + 1) }
    }
    return try Tensor.concat(found.compactMap { $0 }, axis: 0)
  }

  /// Of a batch.
  private func pooled(_ rows: [[Int]], isBase: Bool) throws -> Tensor {
    let longest = rows.map(\.count).max() ?? 0
    guard rows.allSatisfy({ !$0.isEmpty }) else { throw Failure("an empty text has no vector.") }
    let ids = rows.map { $0 + [Int](repeating: 0, count: longest - $0.count) }
    let mask = rows.map { row in (0..<longest).map { UInt8($0 < row.count ? 1 : 0) } }
    let hidden = try network.hidden(Input(ids, mask: mask), Pass(isBase: isBase))
    // Positions that a method added are no part of the text.
    let shares = zip(hidden.columns, rows).flatMap { columns, row in
      columns.map { $0 >= 0 && $0 < row.count ? 1 / Float(row.count) : 0 }
    }
    let time = hidden.columns[0].count
    let means = try (hidden.states * Tensor([rows.count, time, 1], shares)).sum(axes: [1])
    let lengths = try (means * means).sum(axes: [1], keep: true).scalars.map { max($0.squareRoot(), 1e-12) }
    return try means.divided(by: Tensor([rows.count, 1], lengths))
  }
}
