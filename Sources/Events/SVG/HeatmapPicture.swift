extension Heatmap: Pictured {
  private static let most = 128

  /// Squares from white to blue; exact zeros have a dot, and wide enough squares their number.
  func picture(_ p: Presentation) -> Drawing {
    guard !rows.isEmpty, !columns.isEmpty else { return Drawing(width: 0, height: 0) }
    let (shown, across) = (rows.prefix(Heatmap.most), columns.prefix(Heatmap.most))
    let widest = min(18, columns.map { Events.columns(of: $0) }.max() ?? 1)
    let side =
      across.count <= 16 ? max(34, Double(widest + 1) * Drawing.column) : across.count <= 40 ? 20 : 10
    let tall = min(side, across.count <= 16 ? 26 : 20)
    let left = Double(shown.map { min(24, Events.columns(of: $0)) }.max() ?? 1) * Drawing.column + 8
    let head = (title.isEmpty ? 0 : Drawing.line) + (side >= 20 ? Drawing.line : 0)
    var drawing = Drawing(
      width: left + side * Double(across.count), height: head + tall * Double(shown.count) + 24)
    if !title.isEmpty { drawing.text(.strong(title), x: 0, y: 13) }
    if side >= 20 {
      for (i, label) in across.enumerated() {
        let text = label.truncated(to: max(1, Int(side / Drawing.column)))
        drawing.text(.dim(text), x: left + (Double(i) + 0.5) * side, y: head - 5, .middle)
      }
    }
    for (i, label) in shown.enumerated() {
      let y = head + Double(i) * tall
      if tall >= 14 { drawing.text(.dim(label.truncated(to: 24)), x: left - 6, y: y + tall / 2 + 4, .end) }
      guard i < values.count else { continue }
      for (j, x) in values[i].prefix(across.count).enumerated() {
        cell(x, left + Double(j) * side, y, side, tall, p, &drawing)
      }
    }
    let legend = "\(p.number(range.lowerBound)) … \(p.number(range.upperBound))"
    drawing.text(.dim(legend), x: left, y: drawing.height - 4)
    return drawing
  }

  private func cell(
    _ value: Double, _ x: Double, _ y: Double, _ side: Double, _ tall: Double, _ p: Presentation,
    _ drawing: inout Drawing
  ) {
    let share = value.isFinite ? fraction(value, range.lowerBound, range.upperBound) : 0
    func channel(_ dark: Double) -> Int { Int(255 - (255 - dark) * share) }
    drawing.box(
      x + 0.5, y + 0.5, side - 1, tall - 1, fill: "rgb(\(channel(0)),\(channel(90)),\(channel(160)))")
    let mark = value == 0 ? "·" : value.isFinite ? (side >= 34 ? formatted(value, digits: 2) : "") : "?"
    guard !mark.isEmpty, Double(mark.count) * 6 < side else { return }
    drawing.text(
      StyledText(mark), x: x + side / 2, y: y + tall / 2 + 4, .middle, size: 10,
      fill: share > 0.55 ? "#ffffff" : nil)
  }
}
