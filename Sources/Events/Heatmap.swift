import FileSystem

/// A matrix in shades and digits, such as attention weights between tokens.
///
/// A cell is a shade and a tenth of the range; `·` is exact zero, so that a masked place is told from a small
/// weight.
public struct Heatmap: Shown, Sendable, Equatable {
  static let kind = "heatmap"
  /// What stands above; may be empty.
  public var title: String
  /// Labels of the rows, such as the tokens that look.
  public var rows: [String]
  /// Labels of the columns, such as the tokens that are looked at.
  public var columns: [String]
  /// The values by row; what is missing is shown as blank.
  public var values: [[Double]]
  /// The values of the digits 0 and 9.
  public var range: ClosedRange<Double>

  /// A heatmap; without a range it is 0…1 where all values are in that, and otherwise from least to greatest.
  public init(
    _ title: String = "", rows: [String], columns: [String], values: [[Double]],
    range: ClosedRange<Double>? = nil
  ) {
    self.title = title
    self.rows = rows
    self.columns = columns
    self.values = values
    let finite = values.joined().filter(\.isFinite)
    let low = finite.min() ?? 0, high = finite.max() ?? 1
    self.range = range ?? (low >= 0 && high <= 1 ? 0...1 : low...high)
  }

  private static let limit = 64

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let head: [StyledText] = title.isEmpty ? [] : [.strong(title)]
    guard !rows.isEmpty, !columns.isEmpty else { return head + [.dim(p.phrase("no values"))] }
    let shown = min(rows.count, Heatmap.limit)
    let missing = rows.count - shown
    let note: [StyledText] = missing > 0 ? [.dim(p.phrase("rows not shown", grouped(missing)))] : []
    if p.reader { return head + (0..<shown).map { spoken($0, p) } + note }
    let legend = p.phrase("heatmap legend", p.number(range.lowerBound), p.number(range.upperBound))
    return head + drawn(0..<shown, width: width) + note + [.dim(legend)]
  }

  /// The matrix in blocks of as many columns as fit.
  private func drawn(_ shown: Range<Int>, width: Int) -> [StyledText] {
    let side = min(max(4, width / 4), rows[shown].map { Events.columns(of: $0) }.max() ?? 0)
    let longest = columns.map { Events.columns(of: $0) }.max() ?? 2
    var cell = min(max(2, longest), 6)
    while cell > 3, columns.count * (cell + 1) > width - side - 1 { cell -= 1 }
    let fit = max(1, (width - side - 1) / (cell + 1))
    let starts = Array(stride(from: 0, to: columns.count, by: fit))
    let blocks = starts.map { start -> [StyledText] in
      let part = start..<min(start + fit, columns.count)
      let titles = part.map { columns[$0].truncated(to: cell).padded(to: cell, .right) }.joined(
        separator: " ")
      let top = StyledText.dim(String(repeating: " ", count: side + 1) + titles)
      return [top]
        + shown.map { row in
          let label = rows[row].truncated(to: side).padded(to: side, .right)
          let marks = part.map { mark(row, $0).padded(to: cell, .right) }.joined(separator: " ")
          return .dim(label) + " " + StyledText(marks)
        }
    }
    return Array(blocks.joined(separator: [""]))
  }

  private func value(_ row: Int, _ column: Int) -> Double? {
    guard row < values.count, column < values[row].count else { return nil }
    return values[row][column]
  }

  private func mark(_ row: Int, _ column: Int) -> String {
    guard let x = value(row, column) else { return "" }
    guard x.isFinite else { return "?" }
    if x == 0 { return "·" }
    let tenth = min(9, Int(fraction(x, range.lowerBound, range.upperBound) * 10))
    return [" ", "░", "░", "▒", "▒", "▒", "▓", "▓", "█", "█"][tenth] + String(tenth)
  }

  /// The three largest of a row in words.
  private func spoken(_ row: Int, _ p: Presentation) -> StyledText {
    let present = columns.indices.compactMap { column in value(row, column).map { (column, $0) } }
    let largest = present.filter { $0.1 != 0 && $0.1.isFinite }.sorted { $0.1 > $1.1 }.prefix(3)
    let places = largest.map { p.phrase("at", p.number($0.1), "“\(columns[$0.0])”") }
    let text = places.isEmpty ? "0" : places.joined(separator: p.phrase("comma"))
    return StyledText(p.phrase("heatmap row", "“\(rows[row])”", text))
  }

  var fields: [(String, JSON)] {
    [
      ("title", .string(title)), ("rows", .array(rows.map(JSON.string))),
      ("columns", .array(columns.map(JSON.string))),
      ("values", .array(values.map { .array($0.map { JSON($0) }) })),
    ]
  }
}
