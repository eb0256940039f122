import Engine
import Networks

/// The share of attention that keys which a method added draw from a text's queries.
struct AddedMass {
  /// How many keys were added.
  let keys: Int
  /// Mean over rows, heads and real queries.
  let mean: Double
  /// Mean over rows and heads, of each row's first real query.
  let first: Double
  /// The mean by head.
  let heads: [Double]

  /// At an attention site of a traced run; nil where nothing was added, or nothing traced.
  init?(_ site: Site, _ trace: Trace, _ mask: [[UInt8]]?) {
    guard let all = trace.attention[site.name], all.shape.count == 4 else { return nil }
    let (rows, count, queries, width) = (all.shape[0], all.shape[1], all.shape[2], all.shape[3])
    // The keys of other states are not as many as the queries.
    let isCross = site.heads?.isCross == true
    let own =
      isCross ? (try? site.addedKeysValues(Pass()))??.keys.shape.dropLast().last ?? 0 : width - queries
    let added = own
    guard added > 0, rows > 0, count > 0 else { return nil }
    let values = all.plain.scalars
    var sums = [Double](repeating: 0, count: count), first = 0.0, real = 0
    for row in 0..<rows {
      // Vectors before the text are queries too; a mask is told for the text's own columns, at the end.
      let hidden = mask.map { [UInt8](repeating: 1, count: max(0, queries - $0[row].count)) + $0[row] }
      let seen = (0..<queries).filter { hidden?[$0] ?? 1 == 1 }
      real += seen.count
      for head in 0..<count {
        for q in seen {
          let at = ((row * count + head) * queries + q) * width
          let mass = values[at..<at + added].reduce(0.0) { $0 + Double($1) }
          sums[head] += mass
          if q == seen.first { first += mass }
        }
      }
    }
    keys = added
    heads = sums.map { $0 / Double(max(1, real)) }
    mean = heads.reduce(0, +) / Double(count)
    self.first = first / Double(rows * count)
  }
}
