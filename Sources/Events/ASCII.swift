/// The text with drawing characters and typographic signs in ASCII, each in as many columns as before, so
/// that what was laid out stays so. Letters stay as they are.
func ascii(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
  return String(text.map { substitutes[$0] ?? braille($0) ?? $0 })
}

private let substitutes: [Character: Character] = [
  "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": " ", "▎": " ", "▏": " ",
  "░": ".", "▒": "-", "▓": "=",
  "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%",
  "─": "-", "│": "|", "├": "|", "└": "`", "┤": "|", "┼": "+",
  "✔": "+", "✘": "x", "…": "~", "·": ".", "•": "*", "–": "-", "—": "-", "−": "-",
  "“": "\"", "”": "\"", "‘": "'", "’": "'", "×": "x", "→": ">", "←": "<", "↑": "^", "‖": "|",
  "≤": "<", "≥": ">", "≈": "~", "±": "~", "µ": "u", "Δ": "D", "α": "a", "β": "b", "ᵀ": "'",
]

/// A braille cell by which half of it has dots.
private func braille(_ character: Character) -> Character? {
  guard let value = character.unicodeScalars.first?.value, 0x2800...0x28ff ~= value else { return nil }
  let dots = value - 0x2800
  let upper = dots & 0b0001_1011 != 0, lower = dots & 0b1110_0100 != 0
  return upper ? (lower ? ":" : "'") : (lower ? "." : " ")
}
