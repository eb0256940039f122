/// Which columns of a table are shown, how wide each is, and the lines that come of it.
struct TableLayout {
  private static let gap = 2
  private static let least = 12  // a column of words is cut to no less than this
  private static let whole = 36  // and one that shall not be cut, to no less than this

  private let titles: [StyledText]
  private let cells: [[StyledText]]
  private let alignments: [Alignment]
  private let natural: [Int]  // columns that the longest cell takes
  private let minimal: [Int]
  private let priorities: [Int]
  private let isWide: Bool
  private let width: Int
  private let p: Presentation

  init(_ table: Table, _ p: Presentation, width: Int) {
    let indices = table.columns.indices
    func cell(_ row: [Datum], _ i: Int) -> Datum { i < row.count ? row[i] : .empty }
    self.p = p
    self.width = width
    isWide = table.wide
    titles = table.columns.map { .dim($0.title) }
    cells = table.rows.map { row in indices.map { cell(row, $0).text(p) } }
    alignments = indices.map { i in
      let present = table.rows.map { cell($0, i) }.filter { $0 != .empty }
      let numeric = !present.isEmpty && present.allSatisfy(\.isNumeric)
      return table.columns[i].alignment ?? (numeric ? .right : .left)
    }
    let texts = cells, heads = titles
    natural = indices.map { i in texts.reduce(heads[i].columns) { max($0, $1[i].columns) } }
    priorities = indices.map { table.columns[$0].priority ?? $0 }
    let sides = alignments
    let longest = natural
    minimal = indices.map { i in
      let least = table.columns[i].isWhole ? TableLayout.whole : TableLayout.least
      return sides[i] == .left ? min(longest[i], least) : longest[i]
    }
  }

  /// The table's lines: header, rows, and which columns are missing.
  var lines: [StyledText] {
    var shown = Array(titles.indices)
    if !isWide {
      while least(shown) > width, let out = dispensable(shown) { shown.removeAll { $0 == out } }
    }
    if least(shown) > width { return parts(shown) }
    let missing = titles.indices.filter { !shown.contains($0) }
    let note = missing.map { titles[$0].plain }.joined(separator: p.phrase("comma"))
    return block(shown) + (missing.isEmpty ? [] : [.dim(p.phrase("columns not shown", note))])
  }

  /// The column to be left out next, if one may be.
  private func dispensable(_ shown: [Int]) -> Int? {
    shown.filter { priorities[$0] > 0 }.max { (priorities[$0], $0) < (priorities[$1], $1) }
  }

  private func least(_ shown: [Int]) -> Int {
    shown.reduce(-TableLayout.gap) { $0 + minimal[$1] + TableLayout.gap }
  }

  /// All columns in several blocks, the first column again in each.
  private func parts(_ shown: [Int]) -> [StyledText] {
    guard let key = shown.first else { return [] }
    var groups: [[Int]] = [], group = [key]
    for column in shown.dropFirst() {
      if group.count > 1, least(group + [column]) > width {
        groups.append(group)
        group = [key]
      }
      group.append(column)
    }
    groups.append(group)
    return Array(groups.map(block).joined(separator: [""]))
  }

  /// Some columns side by side; words get what space is left, from the left.
  private func block(_ shown: [Int]) -> [StyledText] {
    var spare = max(0, width - least(shown))
    let widths = shown.map { column in
      let extra = min(spare, natural[column] - minimal[column])
      spare -= extra
      return min(minimal[column] + extra, width)
    }
    func line(_ row: [StyledText]) -> StyledText {
      zip(shown, widths).map { row[$0].truncated(to: $1).padded(to: $1, alignments[$0]) }
        .joined(StyledText(String(repeating: " ", count: TableLayout.gap))).trimmed
    }
    let hasTitles = shown.contains { !titles[$0].isEmpty }
    return (hasTitles ? [line(titles)] : []) + cells.map(line)
  }
}
