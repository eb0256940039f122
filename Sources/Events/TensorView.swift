import FileSystem

/// Numbers of a tensor: all of a small one, corners of a large one, with the smallest, the mean and the
/// largest.
public struct TensorView: Shown, Sendable, Equatable {
  static let kind = "tensor"
  /// The start and, where something is left out, the end of a row.
  public struct Row: Sendable, Equatable {
    /// Indices of the row: all but the last axis.
    public var index: [Int]
    /// The first values.
    public var head: [Float]
    /// The last values, where some between are left out.
    public var tail: [Float]
  }

  /// What it is called.
  public var name: String
  /// Its shape, row-major; empty for a single number.
  public var shape: [Int]
  /// The rows kept.
  public var rows: [Row]
  /// How many rows are left out before the last two kept.
  public var skipped: Int
  /// Smallest, mean and largest of the finite values; nil where there are none.
  public var span: (min: Float, mean: Float, max: Float)? {
    range.map { ($0[0], $0[1], $0[2]) }
  }
  private var range: [Float]?
  /// How many values are infinite or not a number.
  public var strange: Int

  /// Takes what is shown from all values, row-major; missing values are 0, further ones are ignored.
  public init(_ name: String, shape: [Int], values: [Float], rows limit: Int = 8) {
    let width = max(shape.last ?? 1, 0)
    let count = width > 0 ? values.count / width : 0
    let keepsAll = count <= max(limit, 3)
    let kept = keepsAll ? Array(0..<count) : Array(0..<(limit - 2)) + [count - 2, count - 1]
    self.name = name
    self.shape = shape
    skipped = keepsAll ? 0 : count - kept.count
    rows = kept.map { row in
      let all = values[(row * width)..<((row + 1) * width)]
      let isShort = width <= 28
      return Row(
        index: TensorView.indices(of: row, in: shape.dropLast()), head: Array(isShort ? all : all.prefix(24)),
        tail: isShort ? [] : Array(all.suffix(2)))
    }
    var low = Float.infinity, high = -Float.infinity, sum = 0.0, finite = 0
    for x in values where x.isFinite {
      low = min(low, x)
      high = max(high, x)
      sum += Double(x)
      finite += 1
    }
    range = finite > 0 ? [low, Float(sum / Double(finite)), high] : nil
    strange = values.count - finite
  }

  private static func indices(of row: Int, in shape: ArraySlice<Int>) -> [Int] {
    var rest = row, out: [Int] = []
    for size in shape.reversed() {
      out.insert(size > 0 ? rest % size : 0, at: 0)
      rest /= max(size, 1)
    }
    return out
  }

  /// Equal in all that is shown.
  public static func == (a: TensorView, b: TensorView) -> Bool {
    a.name == b.name && a.shape == b.shape && a.rows == b.rows && a.skipped == b.skipped && a.range == b.range
      && a.strange == b.strange
  }
}

extension TensorView {
  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let size = shape.isEmpty ? "" : shape.map(String.init).joined(separator: "×")
    let head = flow([.strong(name), StyledText(size)], width: width)
    if rows.isEmpty { return head + [.dim(p.phrase("no values"))] }
    return head + (p.reader ? [] : body(p, width: width)) + flow(facts(p), width: width)
  }

  private func facts(_ p: Presentation) -> [StyledText] {
    guard let range else { return [.bad(p.phrase("not finite", grouped(strange)))] }
    let numbers = zip(["min", "mean", "max"], range).map {
      fact(p.phrase($0), StyledText(formatted($1, digits: p.digits)))
    }
    return numbers + (strange > 0 ? [.bad(p.phrase("not finite", grouped(strange)))] : [])
  }

  private func body(_ p: Presentation, width: Int) -> [StyledText] {
    func text(_ x: Float) -> String { formatted(x, digits: p.digits) }
    let labels = rows.map {
      $0.index.isEmpty ? "" : "[" + $0.index.map(String.init).joined(separator: ",") + "]"
    }
    let margin = (labels.map(\.utf8.count).max() ?? 0) + 2
    let columns = rows.flatMap { ($0.head + $0.tail).map { text($0).utf8.count } }.max() ?? 1
    let fit = max(2, (width - margin + 1) / (columns + 2))  // values a line; one place goes to the dots
    let total = max(shape.last ?? 1, 1)
    var lines = zip(rows, labels).map { row, label -> StyledText in
      var values = row.head.map(text)
      if total > fit || !row.tail.isEmpty {
        let last = row.tail.last.map(text) ?? values.last ?? ""
        values = Array(values.prefix(max(1, fit - 2))) + ["…", last]
      }
      let cells = values.map { $0.padded(to: columns, .right) }.joined(separator: "  ")
      return .dim(label.padded(to: margin)) + StyledText(cells)
    }
    if skipped > 0 { lines.insert(.dim("…"), at: max(0, lines.count - 2)) }
    return lines
  }

  var fields: [(String, JSON)] {
    func number(_ x: Float) -> JSON { JSON(Double(shortest: x)) }
    let span = range.map { zip(["min", "mean", "max"], $0).map { ($0, number($1)) } } ?? []
    let isWhole = skipped == 0 && rows.allSatisfy { $0.tail.isEmpty }
    let values: [(String, JSON)] = isWhole ? [("rows", .array(rows.map { .array($0.head.map(number)) }))] : []
    return [("name", .string(name)), ("shape", .array(shape.map(JSON.integer)))] + span + values
  }
}
