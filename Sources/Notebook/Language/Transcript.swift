/// Text copied from a screen of Graft: prompts, what was typed, and output.
public enum Transcript {
  /// The typed lines without their prompts, or the text unchanged if no line begins with a prompt.
  ///
  /// Prompts are `graft> `, `graft[4]> `, `graft[16] lora/5 ·21> ` and, for further lines of a cell, `...> `.
  public static func strip(_ text: String) -> String {
    let lexer = Lexer(text)
    var kept: [String] = []
    for line in lexer.lines {
      guard let start = typed(line, of: lexer) else { continue }
      var end = line.upperBound
      if end > start, lexer.bytes[end - 1] == 0x0D { end -= 1 }
      kept.append(lexer.text(start..<end))
    }
    guard !kept.isEmpty else { return text }
    return kept.joined(separator: "\n") + (lexer.byte(lexer.end - 1) == 0x0A ? "\n" : "")
  }

  /// Where the typed part of a line begins; nil if it has no prompt.
  private static func typed(_ line: Range<Int>, of lexer: Lexer) -> Int? {
    var i = line.lowerBound
    while i < line.upperBound, lexer.bytes[i] == 0x20 || lexer.bytes[i] == 0x09 { i += 1 }
    if let after = skip("...", i, lexer) {
      i = after
    } else if let after = skip("graft", i, lexer) {
      i = after
      if lexer.byte(i) == 0x5B {
        let digits = lexer.digitsEnd(from: i + 1)
        guard digits > i + 1, lexer.byte(digits) == 0x5D else { return nil }
        i = digits + 1
        // Between number and `>` stand the mark of unsaved work, the lesson and the step.
        guard lexer.byte(i) == 0x20 || lexer.byte(i) == 0x2A || lexer.byte(i) == 0x3E else { return nil }
        let last = min(line.upperBound, i + 80)
        while i < last, lexer.bytes[i] != 0x3E { i += 1 }
      }
    } else {
      return nil
    }
    guard i < line.upperBound, lexer.bytes[i] == 0x3E else { return nil }
    i += 1
    if i == line.upperBound || lexer.bytes[i] == 0x0D { return i }
    return lexer.bytes[i] == 0x20 ? i + 1 : nil
  }

  private static func skip(_ word: StaticString, _ start: Int, _ lexer: Lexer) -> Int? {
    let end = start + word.utf8CodeUnitCount
    guard end <= lexer.end, lexer.text(start..<end) == "\(word)" else { return nil }
    return end
  }
}
