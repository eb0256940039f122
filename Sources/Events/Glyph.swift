/// What a terminal sets as one piece: a character with its marks, its columns and its style.
struct Glyph {
  var text: String
  var columns: Int
  var style: StyledText.Style

  var isSpace: Bool { text == " " }
}

extension StyledText {
  /// The pieces in order. A character wider than two columns, such as a long Indic conjunct, comes in its
  /// scalars, so that a line can be cut anywhere.
  var glyphs: [Glyph] {
    runs.flatMap { run in
      run.text.flatMap { character -> [Glyph] in
        let width = Events.columns(of: character)
        if width <= 2 { return [Glyph(text: String(character), columns: width, style: run.style)] }
        return character.unicodeScalars.map {
          Glyph(text: String($0), columns: Events.columns(of: $0), style: run.style)
        }
      }
    }
  }

  /// The pieces joined again.
  init(_ glyphs: some Sequence<Glyph>) {
    self.init("")
    var text = "", style = Style.plain
    for glyph in glyphs {
      if glyph.style != style {
        self += StyledText(text, style)
        text = ""
        style = glyph.style
      }
      text += glyph.text
    }
    self += StyledText(text, style)
  }

  /// Cut to a number of columns, with `…` at the end where something is missing.
  public func truncated(to width: Int) -> StyledText {
    guard columns > width else { return self }
    guard width > 0 else { return "" }
    var taken = 0
    let kept = glyphs.prefix {
      taken += $0.columns
      return taken <= width - 1
    }
    return StyledText(kept) + StyledText("…", kept.last?.style ?? .plain)
  }

  /// The end of the text in a number of columns, with `…` before it where something is missing.
  func tail(_ width: Int) -> StyledText {
    guard columns > width else { return self }
    guard width > 0 else { return "" }
    var taken = 0
    let kept = glyphs.reversed().prefix {
      taken += $0.columns
      return taken <= width - 1
    }
    return "…" + StyledText(kept.reversed())
  }

  /// With spaces up to a number of columns; longer text stays as it is.
  public func padded(to width: Int, _ alignment: Alignment = .left) -> StyledText {
    let space = StyledText(String(repeating: " ", count: max(0, width - columns)))
    return alignment == .left ? self + space : space + self
  }

  /// Without spaces at the end.
  var trimmed: StyledText {
    guard runs.last?.text.last == " " else { return self }
    var kept = glyphs
    while kept.last?.isSpace == true { kept.removeLast() }
    return StyledText(kept)
  }
}
