/// A cell of a file, with where it stood.
public struct SourceCell: Equatable, Sendable {
  /// The cell as it can be parsed.
  public var text: String
  /// The number of its first line in the file, from 1.
  public var line: Int
  /// What its fence says beside the language: `{fade}` gives `fade` with an empty value, `id=lora/2` a value.
  public var attributes: [String: String]

  /// Makes a cell.
  public init(text: String, line: Int, attributes: [String: String] = [:]) {
    self.text = text
    self.line = line
    self.attributes = attributes
  }

  /// The line of the file, from 1, in which an offset into the cell's UTF-8 lies, and its column in bytes,
  /// from 0.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    var line = line, column = 0
    for b in text.utf8.prefix(max(0, offset)) {
      column += 1
      if b == 0x0A { (line, column) = (line + 1, 0) }
    }
    return (line, column)
  }
}

extension Lexer {
  /// The text of some lines, without carriage returns before their ends.
  func text(ofLines lines: ArraySlice<Range<Int>>) -> String {
    lines.map { line in
      let returned = !line.isEmpty && bytes[line.upperBound - 1] == 0x0D
      return text(line.lowerBound..<line.upperBound - (returned ? 1 : 0))
    }.joined(separator: "\n")
  }

  /// The first byte of a line that is no blank, or the line's end.
  func firstInk(of line: Range<Int>) -> Int {
    var i = line.lowerBound
    while i < line.upperBound, case let length = space(at: i), length > 0 { i += length }
    return min(i, line.upperBound)
  }
}
