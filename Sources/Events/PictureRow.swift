import FileSystem

/// Grey pictures side by side, each with a word below it, drawn in shades.
///
/// A character is about twice as high as wide, so one column stands for one column of the picture and one line for two
/// rows of it; what is too wide is shown smaller, by the means of its parts.
public struct PictureRow: Shown, Sendable, Equatable {
  static let kind = "pictures"

  /// One picture.
  public struct Item: Sendable, Equatable {
    /// What is said of it.
    public var caption: String
    /// Brightness from 0 (black) to 1 (white), [rows][columns].
    public var values: [[Double]]

    /// A picture and what is said of it.
    public init(_ caption: String, _ values: [[Double]]) { (self.caption, self.values) = (caption, values) }
  }

  /// What stands above; may be empty.
  public var title: String
  /// The pictures in order.
  public var items: [Item]
  /// The most columns of a picture.
  public var columns: Int

  /// Pictures.
  public init(_ title: String = "", _ items: [Item], columns: Int = 28) {
    (self.title, self.items, self.columns) = (title, items, columns)
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let head: [StyledText] = title.isEmpty ? [] : [.strong(title)]
    if items.isEmpty { return head + [.dim(p.phrase("no values"))] }
    if p.reader { return head + items.map { spoken($0, p) } }
    let most = max(2, min(columns, width)), drawn = items.map { draw($0, most) }
    let each = drawn.map { max($0.columns, 4) }.max() ?? most
    let together = max(1, (width + 2) / (each + 2))
    let blocks = stride(from: 0, to: drawn.count, by: together).map { start -> [StyledText] in
      let part = drawn[start..<min(start + together, drawn.count)]
      let height = part.map(\.lines.count).max() ?? 0
      let rows = (0..<height).map { row -> StyledText in
        let pieces = part.map { ($0.lines.indices.contains(row) ? $0.lines[row] : "").padded(to: each) }
        return StyledText(pieces.joined(separator: "  "))
      }
      let captions = part.map { $0.caption.truncated(to: each).padded(to: each) }
      return rows + [.dim(captions.joined(separator: "  "))]
    }
    return head + blocks.joined()
  }

  private struct Drawn {
    let caption: String, lines: [String], columns: Int
  }

  private static let shades = [" ", "░", "▒", "▓", "█"]

  private func draw(_ item: Item, _ most: Int) -> Drawn {
    let height = item.values.count, width = item.values.map(\.count).max() ?? 0
    guard height > 0, width > 0 else { return Drawn(caption: item.caption, lines: [], columns: 0) }
    // Small pictures, such as 2×2, are drawn larger: four columns a pixel.
    let columns = width * 4 <= min(most, 16) ? width * 4 : min(width, most)
    let lines = max(1, (height * columns + width) / (2 * width))
    let text = (0..<lines).map { line in
      (0..<columns).map { column -> String in
        let x = Self.mean(item.values, line, lines, height, column, columns, width)
        return x.isFinite ? Self.shades[min(4, max(0, Int(x * 5)))] : "?"
      }.joined()
    }
    return Drawn(caption: item.caption, lines: text, columns: columns)
  }

  /// The mean of the pixels that a character stands for.
  private static func mean(
    _ values: [[Double]], _ line: Int, _ lines: Int, _ height: Int, _ column: Int, _ columns: Int,
    _ width: Int
  ) -> Double {
    let rows = line * height / lines..<max((line + 1) * height / lines, line * height / lines + 1)
    let across = column * width / columns..<max((column + 1) * width / columns, column * width / columns + 1)
    let all = rows.flatMap { row in
      across.compactMap { values[row].indices.contains($0) ? values[row][$0] : nil }
    }
    return all.isEmpty ? 0 : all.reduce(0, +) / Double(all.count)
  }

  private func spoken(_ item: Item, _ p: Presentation) -> StyledText {
    let all = item.values.joined(), mean = all.reduce(0, +) / Double(max(1, all.count))
    let size = "\(item.values.count)×\(item.values.first?.count ?? 0)"
    return StyledText(p.phrase("picture sentence", item.caption, size, p.number(mean)))
  }

  var fields: [(String, JSON)] {
    let pictures = items.map { item -> JSON in
      .object([
        ("caption", .string(item.caption)),
        ("values", .array(item.values.map { .array($0.map { JSON($0) }) })),
      ])
    }
    return [("title", .string(title)), ("pictures", .array(pictures))]
  }
}
