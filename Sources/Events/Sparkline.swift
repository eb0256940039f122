/// A row of small bars, from the smallest value to the largest; what is not finite is a blank.
///
/// More values than columns are averaged in groups.
public func sparkline(_ values: [Double], columns: Int) -> String {
  guard columns > 0, !values.isEmpty else { return "" }
  let marks = Array("▁▂▃▄▅▆▇█")
  let points = values.count <= columns ? values : averages(values, groups: columns)
  let finite = points.filter(\.isFinite)
  guard let low = finite.min(), let high = finite.max() else {
    return String(repeating: " ", count: points.count)
  }
  return String(
    points.map { x -> Character in
      guard x.isFinite else { return " " }
      guard high > low else { return marks[0] }
      return marks[min(7, Int(fraction(x, low, high) * 8))]
    })
}

/// Where a value lies between two others, 0 to 1, without overflow.
func fraction(_ x: Double, _ low: Double, _ high: Double) -> Double {
  let span = high / 2 - low / 2
  return span > 0 ? min(1, max(0, (x / 2 - low / 2) / span)) : 0
}

/// Means of neighbouring values.
private func averages(_ values: [Double], groups: Int) -> [Double] {
  (0..<groups).map { i in
    let part = values[(i * values.count / groups)..<((i + 1) * values.count / groups)].filter(\.isFinite)
    return part.isEmpty ? .nan : part.reduce(0) { $0 + $1 / Double(part.count) }
  }
}
