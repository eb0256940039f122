import Engine
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// T5's relative positions: a number for each head and distance is added to the scores of attention.
/// Raffel et al. 2019, arXiv:1910.10683.
///
///     score(i, j) += table[bucket(j − i), head]        table: [buckets, heads], one for all blocks of a stack
///
/// Near distances have buckets of their own; farther ones share them, on a scale of logarithms, up to `distance`.
/// Extra keys stand before the text and count on to the left: the nearest has the distance −1 from the first token.
public struct RelativeBias {
  /// The table, a number for each bucket and head.
  public let table: Embedding
  /// Whether only keys at or before a query count; else buckets are halved among both directions.
  let isCausal: Bool
  /// How many buckets there are.
  let buckets: Int
  /// From where on all distances are one bucket.
  let distance: Int

  init(_ scope: Scope, heads: Int, buckets: Int, distance: Int, isCausal: Bool, start: Start) throws {
    table = try Embedding(scope, count: buckets, width: heads, start: start)
    (self.isCausal, self.buckets, self.distance) = (isCausal, buckets, distance)
  }

  /// The bias of the last `queries` of `keys` positions, behind `extra` keys that stand before them:
  /// [heads, queries, extra + keys]. Computed once a run for the same sizes.
  func callAsFunction(queries: Int, keys: Int, extra: Int, _ pass: Pass) throws -> Tensor {
    guard !table.site.isMixed(pass) else {
      throw Failure(
        "an attachment changes \(table.site.name), which all rows of a batch share.",
        cure: "Run it by itself")
    }
    return try pass.once("\(table.site.name) \(queries) \(keys) \(extra)") {
      let rows = (keys - queries..<keys).map { query in
        (-extra..<keys).map { Self.bucket($0 - query, of: buckets, distance: distance, isCausal: isCausal) }
      }
      return try table(rows, pass).permuted([2, 0, 1])
    }
  }

  /// The bucket of a distance from a query to a key, below 0 where the key stands before.
  static func bucket(_ offset: Int, of count: Int, distance: Int, isCausal: Bool) -> Int {
    var count = count, first = 0
    if !isCausal {
      count /= 2
      first = offset > 0 ? count : 0
    }
    let n = isCausal ? max(0, -offset) : abs(offset), exact = count / 2
    guard n >= exact, exact > 0 else { return first + min(n, max(0, count - 1)) }
    // In 32 bits and in this order, as PyTorch computes it: a bucket's edge must not move.
    let share = logf(Float(n) / Float(exact)) / Float(log(Double(distance) / Double(exact)))
    return first + exact + Int(min(share * Float(count - exact), Float(count - exact - 1)))
  }
}
