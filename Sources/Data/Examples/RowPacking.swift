/// Short rows side by side in long ones, so that little is filled up: best fit, longest first, as TRL's `bfd`.
///
/// Each document keeps its own positions, and attention stays inside it; the first token of each carries no loss.
public enum RowPacking {
  /// Which rows go together, in order of the first that each holds; none is longer than `capacity` but one alone.
  public static func groups(_ lengths: [Int], capacity: Int) -> [[Int]] {
    var groups: [(rows: [Int], left: Int)] = []
    for row in lengths.indices.sorted(by: { (-lengths[$0], $0) < (-lengths[$1], $1) }) {
      let fitting = groups.indices.filter { groups[$0].left >= lengths[row] }
      if let best = fitting.min(by: { (groups[$0].left, $0) < (groups[$1].left, $1) }) {
        groups[best].rows.append(row)
        groups[best].left -= lengths[row]
      } else {
        groups.append(([row], capacity - lengths[row]))
      }
    }
    return groups.map { $0.rows.sorted() }.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
  }

  /// Rows packed into rows of at most `capacity` tokens.
  public static func packed(_ rows: [Example], capacity: Int) throws -> [Example] {
    try groups(rows.map(\.ids.count), capacity: capacity).map { group in
      let parts = rows.picked(group)
      var whole = try Example(
        ids: parts.flatMap(\.ids), labels: parts.flatMap { [Example.ignored] + $0.labels.dropFirst() })
      whole.documents = parts.map(\.ids.count)
      return whole
    }
  }
}
