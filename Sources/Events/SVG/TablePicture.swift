extension Table: Pictured {
  /// All columns, numbers to the right, each as wide as its widest cell.
  func picture(_ p: Presentation) -> Drawing {
    guard !columns.isEmpty, !rows.isEmpty else { return Drawing(width: 0, height: 0) }
    let cells = rows.map { row in columns.indices.map { $0 < row.count ? row[$0].text(p) : "" } }
    let sides = columns.indices.map { i -> Alignment in
      let isNumeric = rows.contains { i < $0.count && $0[i].isNumeric }
      return columns[i].alignment ?? (isNumeric ? .right : .left)
    }
    let widths = columns.indices.map { i -> Double in
      let widest = max(Events.columns(of: columns[i].title), cells.map { $0[i].columns }.max() ?? 0)
      return Double(widest) * Drawing.column
    }
    let gap = 2 * Drawing.column, head = title.isEmpty ? 0 : Drawing.line
    var drawing = Drawing(
      width: widths.reduce(0, +) + gap * Double(columns.count - 1),
      height: head + Double(rows.count + 1) * Drawing.line + 8)
    if !title.isEmpty { drawing.text(.strong(title), x: 0, y: 13) }
    var x = 0.0
    for i in columns.indices {
      let place = sides[i] == .right ? x + widths[i] : x
      let anchor: Drawing.Anchor = sides[i] == .right ? .end : .start
      drawing.text(.strong(columns[i].title), x: place, y: head + 13, anchor)
      for (row, line) in cells.enumerated() {
        drawing.text(line[i], x: place, y: head + Double(row + 1) * Drawing.line + 19, anchor)
      }
      x += widths[i] + gap
    }
    let rule = head + Drawing.line + 2
    drawing.line([(0, rule), (drawing.width, rule)])
    return drawing
  }
}
