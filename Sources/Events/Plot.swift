/// A drawing of lines with axes: in braille dots for one, in letters for several.
struct Plot {
  private static let rows = 8

  private let series: [Curve.Series]
  private let axis: String
  private let top: String
  private let bottom: String
  private let x: (low: Double, high: Double)
  private let y: (low: Double, high: Double)
  private let p: Presentation
  private let width: Int

  /// Of series that each have a point.
  init(_ series: [Curve.Series], axis: String, _ p: Presentation, width: Int) {
    let points = series.flatMap(\.points)
    self.series = series
    self.axis = axis
    self.p = p
    self.width = width
    x = (points.map(\.x).min() ?? 0, points.map(\.x).max() ?? 0)
    y = (points.map(\.y).min() ?? 0, points.map(\.y).max() ?? 0)
    top = p.number(y.high)
    bottom = p.number(y.low)
  }

  private var margin: Int { max(columns(of: top), columns(of: bottom)) }
  /// Character cells across.
  private var across: Int { max(8, width - margin - 2) }

  var lines: [StyledText] {
    let drawing = series.count == 1 ? dotted : lettered
    var out = legend
    for (i, row) in drawing.enumerated() {
      let label = i == 0 ? top : i == Plot.rows - 1 ? bottom : ""
      out.append(.dim(label.padded(to: margin, .right) + " │") + StyledText(row))
    }
    out.append(.dim(String(repeating: " ", count: margin + 1) + "└" + String(repeating: "─", count: across)))
    out.append(.dim(String(repeating: " ", count: margin + 2) + ends))
    return out
  }

  /// First x, the axis' name, last x.
  private var ends: String {
    let left = p.number(x.low), right = p.number(x.high)
    let room = across - left.count - right.count
    let name = axis.truncated(to: max(0, room - 2))
    let before = max(1, (room - columns(of: name)) / 2)
    let start = left + String(repeating: " ", count: before) + name
    return start + right.padded(to: max(right.count, across - columns(of: start)), .right)
  }

  private var legend: [StyledText] {
    if series.count == 1 {
      return series[0].name.isEmpty ? [] : [.strong(p.phrase(series[0].name).truncated(to: width))]
    }
    let names = zip(series, Plot.letters).map {
      StyledText(String($1) + " ") + .strong(p.phrase($0.name).truncated(to: width - 2))
    }
    return flow(names, width: width)
  }

  private static let letters =
    Array("abcdefghijklmnopqrstuvwxyz") + Array(repeating: "*" as Character, count: 1000)

  /// One letter a column for each line, between its points on the straight way.
  private var lettered: [String] {
    var cells = Array(repeating: Array(repeating: " " as Character, count: across), count: Plot.rows)
    for (one, letter) in zip(series, Plot.letters) {
      for (column, row) in path(one, columns: across, rows: Plot.rows) {
        let taken = cells[row][column]
        cells[row][column] = taken == " " || taken == letter ? letter : "+"
      }
    }
    return cells.map { String($0) }
  }

  /// Two by four dots in a cell.
  private var dotted: [String] {
    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    var cells = Array(repeating: Array(repeating: UInt32(0), count: across), count: Plot.rows)
    var last: Int?
    for (column, row) in path(series[0], columns: across * 2, rows: Plot.rows * 4) {
      let way = last.map { $0 < row ? $0 + 1...row : $0 > row ? row...($0 - 1) : row...row } ?? row...row
      for dot in way { cells[dot / 4][column / 2] |= bits[dot % 4][column % 2] }
      last = row
    }
    return cells.map { row in
      String(row.map { Character($0 == 0 ? " " : Unicode.Scalar(0x2800 + $0) ?? " ") })
    }
  }

  /// For each column the row that the line passes, from the line's first point to its last; row 0 is the top.
  private func path(_ one: Curve.Series, columns: Int, rows: Int) -> [(Int, Int)] {
    let points = one.points.sorted { $0.x < $1.x }.map {
      (fraction($0.x, x.low, x.high) * Double(columns - 1), fraction($0.y, y.low, y.high) * Double(rows - 1))
    }
    guard let first = points.first, let last = points.last else { return [] }
    var i = 0
    return (Int(first.0 + 0.5)...Int(last.0 + 0.5)).map { column in
      let place = Double(column)
      while i + 1 < points.count - 1, points[i + 1].0 < place { i += 1 }
      let a = points[i], b = points[min(i + 1, points.count - 1)]
      let part = b.0 > a.0 ? min(1, max(0, (place - a.0) / (b.0 - a.0))) : 0
      let height = a.1 + part * (b.1 - a.1)
      return (column, rows - 1 - Int(height + 0.5))
    }
  }
}
