extension StyledText {
  /// The text in lines of at most `width` columns, broken between words, between Chinese characters, and
  /// within a word only where it is longer than a line.
  ///
  /// Further lines begin under the first word, or after `hanging` columns.
  public func wrapped(to width: Int, hanging: Int? = nil) -> [StyledText] {
    guard columns > width else { return [self] }
    let glyphs = self.glyphs
    let leading = glyphs.prefix(while: \.isSpace).count
    var wrapping = Wrapping(width: max(width, 4), indent: min(hanging ?? leading, width / 2))
    for unit in units(of: glyphs) { wrapping.add(unit) }
    return wrapping.finish()
  }

  /// Pieces that stay together, each with the spaces before it.
  private func units(of glyphs: [Glyph]) -> [Wrapping.Unit] {
    var units: [Wrapping.Unit] = [], spaces = 0, style = Style.plain
    for glyph in glyphs {
      if glyph.isSpace {
        spaces += 1
        style = glyph.style
      } else if spaces == 0, var last = units.last, staysTogether(last.glyphs.last, glyph) {
        last.glyphs.append(glyph)
        last.columns += glyph.columns
        units[units.count - 1] = last
      } else {
        units.append(Wrapping.Unit(spaces: spaces, style: style, glyphs: [glyph], columns: glyph.columns))
        spaces = 0
      }
    }
    return units
  }

  /// Narrow letters make words; a wide character stands alone, but for punctuation that belongs to it.
  private func staysTogether(_ before: Glyph?, _ glyph: Glyph) -> Bool {
    guard let before else { return true }
    if glyph.columns == 0 || closing.contains(glyph.text) || opening.contains(before.text) { return true }
    return before.columns < 2 && glyph.columns < 2
  }
}

private let closing: Set<String> = [
  "，", "。", "、", "；", "：", "？", "！", "）", "」", "』", "》", "】", "”", "’", "…", ")", "]", ",", ".", ";", ":",
  "?", "!",
]
private let opening: Set<String> = ["（", "「", "『", "《", "【", "“", "‘", "(", "["]

/// Lines being filled one unit at a time.
private struct Wrapping {
  struct Unit {
    var spaces: Int
    var style: StyledText.Style  // of the spaces
    var glyphs: [Glyph]
    var columns: Int
  }

  let width: Int
  let indent: Int
  var lines: [[Glyph]] = []
  var line: [Glyph] = []
  var used = 0
  var isFresh = true  // nothing but indent on the line

  init(width: Int, indent: Int) {
    self.width = width
    self.indent = indent
  }

  mutating func add(_ unit: Unit) {
    let spaces = isFresh && !lines.isEmpty ? 0 : min(unit.spaces, width / 2)
    if used + spaces + unit.columns <= width {
      append(spaces: spaces, unit.style)
      append(unit.glyphs)
    } else if unit.columns <= width - indent {
      newLine()
      append(unit.glyphs)
    } else {
      append(spaces: used + spaces < width ? spaces : 0, unit.style)
      for glyph in unit.glyphs {
        if used + glyph.columns > width { newLine() }
        append([glyph])
      }
    }
  }

  mutating func append(spaces count: Int, _ style: StyledText.Style = .plain) {
    line += (0..<count).map { _ in Glyph(text: " ", columns: 1, style: style) }
    used += count
  }

  mutating func append(_ glyphs: [Glyph]) {
    line += glyphs
    used += glyphs.reduce(0) { $0 + $1.columns }
    isFresh = false
  }

  mutating func newLine() {
    if !isFresh || lines.isEmpty && line.contains(where: { !$0.isSpace }) { lines.append(line) }
    line = []
    used = 0
    isFresh = true
    append(spaces: indent)
  }

  mutating func finish() -> [StyledText] {
    if !isFresh { lines.append(line) }
    return lines.isEmpty ? [""] : lines.map { StyledText($0).trimmed }
  }
}
