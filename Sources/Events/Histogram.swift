import FileSystem

/// How values are distributed over equal steps.
public struct Histogram: Shown, Sendable, Equatable {
  static let kind = "histogram"
  /// What is counted.
  public var name: String
  /// The borders of the steps, one more than there are counts.
  public var edges: [Double]
  /// How many values each step holds; the last holds its upper border too.
  public var counts: [Int]
  /// How many values are infinite or not a number.
  public var outside: Int

  /// Counts values in `bins` steps from the smallest to the largest.
  public init(_ name: String, values: [Float], bins: Int = 12) {
    let finite = values.filter(\.isFinite)
    let low = Double(finite.min() ?? 0), high = Double(finite.max() ?? 0)
    let count = high > low ? max(1, bins) : 1
    var counts = [Int](repeating: 0, count: finite.isEmpty ? 0 : count)
    for x in finite { counts[min(count - 1, Int(fraction(Double(x), low, high) * Double(count)))] += 1 }
    self.name = name
    self.counts = counts
    edges = (0...counts.count).map { low + (high - low) * Double($0) / Double(max(counts.count, 1)) }
    outside = values.count - finite.count
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let head: [StyledText] = name.isEmpty ? [] : [.strong(name)]
    let strange: [StyledText] = outside > 0 ? [.bad(p.phrase("not finite", grouped(outside)))] : []
    guard let most = counts.max() else { return head + [.dim(p.phrase("no values"))] + strange }
    let peak = counts.firstIndex(of: most) ?? 0
    let sentence = p.phrase(
      "histogram sentence", grouped(counts.reduce(0, +)), p.number(edges[0]), p.number(edges[counts.count]),
      grouped(most), p.number(edges[peak]), p.number(edges[peak + 1]))
    if p.reader { return head + [StyledText(sentence + p.phrase("stop"))] + strange }
    let places = edges.map(p.number), numbers = counts.map(grouped)
    let side = places.map(\.count).max() ?? 0, figures = numbers.map(\.count).max() ?? 0
    let room = max(1, min(40, width - 2 * side - figures - 7))
    let bars = counts.indices.map { i -> StyledText in
      let span = places[i].padded(to: side, .right) + " … " + places[i + 1].padded(to: side, .right)
      let drawn = bar(Double(counts[i]), of: Double(most), columns: room)
      return .dim(span) + StyledText("  " + numbers[i].padded(to: figures, .right) + "  " + drawn)
    }
    return head + bars + strange
  }

  var fields: [(String, JSON)] {
    [
      ("name", .string(name)), ("edges", .array(edges.map { JSON($0) })),
      ("counts", .array(counts.map(JSON.integer))),
      ("outside", .integer(outside)),
    ]
  }
}
