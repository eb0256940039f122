import FileSystem

/// Rows and columns. Where the width does not suffice, the least important columns are left out and named
/// below.
///
///     Table(columns: ["site", "params", Column("loss", priority: 1)], rows: [["attn.q", 1536, 0.0018]])
public struct Table: Shown, Sendable, Equatable {
  static let kind = "table"

  /// A column's title and its standing.
  public struct Column: Sendable, Equatable, ExpressibleByStringLiteral {
    /// What stands above it.
    public var title: String
    /// At which side; nil puts numbers right and words left.
    public var alignment: Alignment?
    /// 0 is never left out; of the others the largest goes first. Nil: the position, so the last goes first.
    public var priority: Int?
    /// Whether others are left out before its words are cut: names that differ at their end.
    public var isWhole: Bool

    /// A column.
    public init(
      _ title: String, _ alignment: Alignment? = nil, priority: Int? = nil, isWhole: Bool = false
    ) {
      self.title = title
      self.alignment = alignment
      self.priority = priority
      self.isWhole = isWhole
    }
    /// A column that is as important as it is far left.
    public init(stringLiteral value: String) { self.init(value) }
  }

  /// What stands above the table; may be empty.
  public var title: String
  /// The columns in order; the first is repeated where the table is shown in parts.
  public var columns: [Column]
  /// The cells; short rows are filled up with nothing.
  public var rows: [[Datum]]
  /// Whether all columns are shown, in parts one below the other where they do not fit side by side.
  public var wide: Bool

  /// A table.
  public init(_ title: String = "", columns: [Column], rows: [[Datum]], wide: Bool = false) {
    self.title = title
    self.columns = columns
    self.rows = rows
    self.wide = wide
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let head: [StyledText] = title.isEmpty ? [] : [.strong(title)]
    if rows.isEmpty || columns.isEmpty { return head + [.dim(p.phrase("empty table"))] }
    return head + (p.reader ? spoken(p) : TableLayout(self, p, width: width).lines)
  }

  /// Every cell as a line "name: value", rows apart.
  private func spoken(_ p: Presentation) -> [StyledText] {
    var lines: [StyledText] = []
    for (i, row) in rows.enumerated() {
      if i > 0 { lines.append("") }
      for (column, cell) in zip(columns, row) where cell != .empty {
        let value = cell.text(p)
        lines.append(column.title.isEmpty ? value : StyledText(p.phrase("colon", column.title, value.plain)))
      }
    }
    return lines
  }

  var fields: [(String, JSON)] {
    let cells = rows.map { row in JSON.array(columns.indices.map { $0 < row.count ? row[$0].json : .null }) }
    let name: [(String, JSON)] = title.isEmpty ? [] : [("title", .string(title))]
    return name + [("columns", .array(columns.map { .string($0.title) })), ("rows", .array(cells))]
  }
}
