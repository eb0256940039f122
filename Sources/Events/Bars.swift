import FileSystem

/// Labelled values, each with a bar: `d 0.347 ███████`.
public struct Bars: Shown, Sendable, Equatable {
  static let kind = "bars"
  /// A label and its value.
  public struct Item: Sendable, Equatable {
    /// What it is.
    public var label: String
    /// How much.
    public var value: Double
    /// A label and its value.
    public init(_ label: String, _ value: Double) {
      self.label = label
      self.value = value
    }
  }

  /// What stands above; may be empty.
  public var title: String
  /// The bars in order.
  public var items: [Item]
  /// The value of a bar of full length; nil takes the largest.
  public var full: Double?
  /// Whether the bars stand one after the other in a line, short, or each on its own line.
  public var inline: Bool

  /// Bars.
  public init(_ title: String = "", _ items: [Item], full: Double? = nil, inline: Bool = false) {
    self.title = title
    self.items = items
    self.full = full
    self.inline = inline
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let head: [StyledText] = title.isEmpty ? [] : [.strong(title)]
    if items.isEmpty { return head + [.dim(p.phrase("no values"))] }
    if p.reader { return head + items.map { StyledText(p.phrase("colon", $0.label, p.number($0.value))) } }
    let largest = items.map(\.value.magnitude).filter(\.isFinite).max() ?? 0
    let whole = full ?? largest
    if inline {
      return head
        + flow(
          items.map { item in
            let drawn = bar(item.value, of: whole, columns: 8, eighths: false)
            return StyledText(item.label.truncated(to: width / 2) + " ") + StyledText(p.number(item.value))
              + StyledText(drawn.isEmpty ? "" : " " + drawn)
          }, width: width)
    }
    let numbers = items.map { p.number($0.value) }
    let labels = min(width / 2, items.map { columns(of: $0.label) }.max() ?? 0)
    let figures = numbers.map(\.count).max() ?? 0
    let room = min(40, width - labels - figures - 4)
    return head
      + zip(items, numbers).map { item, number in
        let start =
          item.label.truncated(to: labels).padded(to: labels) + "  " + number.padded(to: figures, .right)
        return StyledText(start + "  " + bar(item.value, of: whole, columns: room))
      }
  }

  var fields: [(String, JSON)] {
    [("items", .array(items.map { .object([("label", .string($0.label)), ("value", JSON($0.value))]) }))]
  }
}

/// A bar for a value, to an eighth of a column; lighter where the value is negative.
func bar(_ value: Double, of full: Double, columns: Int, eighths: Bool = true) -> String {
  guard value.magnitude.isFinite, full.magnitude > 0, columns > 0 else { return "" }
  let share = min(1, value.magnitude / full.magnitude)
  let steps = eighths && value > 0 ? 8 : 1
  let length = Int(share * Double(columns * steps) + 0.5)
  let body = String(repeating: value < 0 ? "▒" : "█", count: length / steps)
  let rest = length % steps
  return rest == 0 ? body : body + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][rest]
}
