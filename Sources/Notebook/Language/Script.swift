/// A file of cells as they are typed at the prompt.
public enum Script {
  /// The cells of a `.graft` file: one a line, more lines where a bracket or a backslash continues.
  ///
  /// Lines that are empty or only a comment are no cells. A cell that cannot be read is kept: running it
  /// says why.
  public static func cells(from text: String) -> [SourceCell] {
    let lexer = Lexer(text)
    let lines = lexer.lines
    var cells: [SourceCell] = [], first = 0
    while first < lines.count {
      let ink = lexer.firstInk(of: lines[first])
      if ink == lines[first].upperBound || lexer.bytes[ink] == 0x23 {
        first += 1
        continue
      }
      var balance = Balance(), last = first
      balance.read(lines[first], of: lexer)
      while balance.completeness == .incomplete, last + 1 < lines.count {
        last += 1
        balance.read(lines[last], of: lexer)
      }
      cells.append(SourceCell(text: lexer.text(ofLines: lines[first...last]), line: first + 1))
      first = last + 1
    }
    return cells
  }
}
