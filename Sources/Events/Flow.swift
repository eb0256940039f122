/// Short items one after the other, three spaces between them; an item goes to the next line rather than be
/// broken.
func flow(_ items: [StyledText], width: Int, indent: Int = 0) -> [StyledText] {
  var lines: [StyledText] = [], line = StyledText(""), used = 0
  let margin = StyledText(String(repeating: " ", count: indent))
  for item in items where !item.isEmpty {
    let size = item.columns
    if used > 0, used + 3 + size > width {
      lines.append(line)
      line = margin
      used = indent
    } else if used > 0 {
      line += "   "
      used += 3
    }
    line += item
    used += size
  }
  return used > 0 ? lines + [line] : lines
}

/// A word and a number after it, as `loss 0.0996`.
func fact(_ name: String, _ value: StyledText) -> StyledText {
  name.isEmpty ? value : value.isEmpty ? StyledText(name) : .dim(name) + " " + value
}
