/// What is to be seen in a curve, in a sentence: "falls from 0.098 to 0.002, steepest between 5 and 20".
struct CurveSummary {
  private let points: [(x: Double, y: Double)]
  private let low: (x: Double, y: Double)
  private let high: (x: Double, y: Double)

  /// Of points in growing order of x; long curves are thinned to 200 points, ends kept.
  init(_ all: [(x: Double, y: Double)]) {
    let step = max(1, (all.count + 199) / 200)
    var kept = all.indices.filter { $0 % step == 0 }.map { all[$0] }
    if let last = all.last, (all.count - 1) % step != 0 { kept.append(last) }
    points = kept
    low = all.min { $0.y < $1.y } ?? (0, 0)
    high = all.max { $0.y < $1.y } ?? (0, 0)
  }

  func sentence(name: String, _ p: Presentation) -> String {
    guard let first = points.first, let last = points.last else { return p.phrase("no values") }
    let lead = name.last.map { name + (columns(of: $0) == 2 ? "" : " ") } ?? ""  // no space within Chinese
    if low.y == high.y { return lead + p.phrase("constant", p.number(low.y)) + p.phrase("stop") }
    let change = last.y / 2 - first.y / 2, span = high.y / 2 - low.y / 2
    guard change.magnitude >= 0.1 * span else {
      let extremes =
        p.phrase("lowest", p.number(low.y), p.number(low.x))
        + p.phrase("highest", p.number(high.y), p.number(high.x))
      return lead + p.phrase("stays", p.number(last.y)) + extremes + p.phrase("stop")
    }
    var out = lead + p.phrase(change < 0 ? "falls" : "rises", p.number(first.y), p.number(last.y))
    if let (start, end) = steepest { out += p.phrase("steepest", p.number(start), p.number(end)) }
    let best = change < 0 ? low : high
    if (best.y / 2 - last.y / 2).magnitude > 0.1 * span {
      out += p.phrase(change < 0 ? "lowest" : "highest", p.number(best.y), p.number(best.x))
    }
    return out + p.phrase("stop")
  }

  /// The shortest stretch that holds half of the whole change; nil for a curve of few points.
  var steepest: (Double, Double)? {
    guard points.count > 3, let first = points.first, let last = points.last else { return nil }
    let half = (last.y / 2 - first.y / 2) / 2
    var best: (Double, Double)?
    for i in points.indices {
      for j in points.indices[(i + 1)...] {
        let change = points[j].y / 2 - points[i].y / 2
        let holds = half < 0 ? change <= half : change >= half
        if holds, points[j].x - points[i].x < best.map({ $0.1 - $0.0 }) ?? .infinity {
          best = (points[i].x, points[j].x)
        }
      }
    }
    return best
  }
}
