import CLine

/// The beginning of a text that fits into columns: full-width characters take two, escape sequences none, and
/// colour that was cut off is ended. Characters that would move the cursor become spaces.
func clipped(_ text: String, columns: Int) -> String {
  var out = String.UnicodeScalarView()
  var rest = Substring(text).unicodeScalars
  var used = 0
  var isColored = false
  while let scalar = rest.first {
    let escape = EscapeSequence.length(at: rest)
    if escape > 0 {
      out.append(contentsOf: rest.prefix(escape))
      isColored = true
      rest = rest.dropFirst(escape)
      continue
    }
    let isControl = scalar.value < 32 || scalar.value == 127
    let width = isControl ? 1 : Int(cline_columns(scalar.value))
    if used + width > columns {
      if isColored { out.append(contentsOf: "\u{1B}[0m".unicodeScalars) }
      break
    }
    used += width
    out.append(isControl ? " " : scalar)
    rest = rest.dropFirst()
  }
  return String(out)
}
