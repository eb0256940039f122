extension Bars: Pictured {
  /// A bar a line; negative values go the other way, in another colour.
  func picture(_ p: Presentation) -> Drawing {
    guard !items.isEmpty else { return Drawing(width: 0, height: 0) }
    let labels = Double(items.map { min(40, columns(of: $0.label)) }.max() ?? 0) * Drawing.column + 10
    let largest = full ?? items.map(\.value.magnitude).filter(\.isFinite).max() ?? 0
    let head = title.isEmpty ? 0 : Drawing.line + 3
    var drawing = Drawing(width: labels + 460, height: head + Double(items.count) * Drawing.line)
    if !title.isEmpty { drawing.text(.strong(title), x: 0, y: 13) }
    for (i, item) in items.enumerated() {
      let y = head + Double(i) * Drawing.line
      let length = largest > 0 && item.value.isFinite ? min(1, item.value.magnitude / largest) * 360 : 0
      drawing.text(StyledText(item.label.truncated(to: 40)), x: labels - 8, y: y + 13, .end)
      drawing.box(labels, y + 2, length, 14, fill: Drawing.colours[item.value < 0 ? 1 : 0])
      drawing.text(StyledText(p.number(item.value)), x: labels + length + 6, y: y + 13)
    }
    return drawing
  }
}

extension Histogram: Pictured {
  /// Columns over an axis of values.
  func picture(_ p: Presentation) -> Drawing {
    guard let most = counts.max(), let low = edges.first, let high = edges.last else {
      return Drawing(width: 0, height: 0)
    }
    let x = Scale(low < high ? [low, high] : [low], length: 560)
    let frame = Frame(
      x: x, y: Scale([0, Double(max(most, 1))], length: 200), p, top: name.isEmpty ? 0 : Drawing.line)
    var drawing = frame.empty
    if !name.isEmpty { drawing.text(.strong(name), x: 0, y: 13) }
    for (i, count) in counts.enumerated() {
      let isPoint = low == high
      let a = frame.place((isPoint ? x.low : edges[i], Double(count)))
      let b = frame.place((isPoint ? x.high : edges[i + 1], 0))
      drawing.box(a.x + 0.5, a.y, max(1, b.x - a.x - 1), b.y - a.y, fill: Drawing.colours[0])
    }
    if outside > 0 {
      drawing.text(.bad(p.phrase("not finite", grouped(outside))), x: frame.left + 280, y: 13)
    }
    return drawing
  }
}
