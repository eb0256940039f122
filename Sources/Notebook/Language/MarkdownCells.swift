/// The cells of a Markdown file: its fenced blocks whose language is `graft`.
public enum MarkdownCells {
  /// The cells in order; `line` is that of the first line within the fence. Other fences are passed over
  /// whole.
  public static func cells(from text: String) -> [SourceCell] {
    let lexer = Lexer(text)
    let lines = lexer.lines
    var cells: [SourceCell] = [], i = 0
    while i < lines.count {
      guard let fence = Fence(lines[i], of: lexer) else {
        i += 1
        continue
      }
      let first = i + 1
      i = first
      while i < lines.count, !fence.isClosed(by: lines[i], of: lexer) { i += 1 }
      if let attributes = fence.cellAttributes {
        let content = lines[first..<max(first, i)].map { fence.unindented($0, of: lexer) }
        cells.append(
          SourceCell(text: lexer.text(ofLines: content[...]), line: first + 1, attributes: attributes))
      }
      i += 1
    }
    return cells
  }
}

/// The line that opens a fenced block.
private struct Fence {
  let mark: UInt8
  let length: Int
  let indent: Int
  let info: String

  /// Three or more backticks or tildes after at most three spaces.
  init?(_ line: Range<Int>, of lexer: Lexer) {
    var i = line.lowerBound
    while i < line.upperBound, lexer.bytes[i] == 0x20 { i += 1 }
    indent = i - line.lowerBound
    mark = i < line.upperBound ? lexer.bytes[i] : 0
    let start = i
    while i < line.upperBound, lexer.bytes[i] == mark { i += 1 }
    length = i - start
    guard indent <= 3, mark == 0x60 || mark == 0x7E, length >= 3 else { return nil }
    info = lexer.text(i..<line.upperBound)
    if mark == 0x60, info.utf8.contains(0x60) { return nil }
  }

  /// Whether the line closes the block: as many marks or more, and nothing else.
  func isClosed(by line: Range<Int>, of lexer: Lexer) -> Bool {
    guard let other = Fence(line, of: lexer) else { return false }
    return other.mark == mark && other.length >= length && other.info.utf8.allSatisfy { $0 <= 0x20 }
  }

  /// A line of the block without the indentation of its fence.
  func unindented(_ line: Range<Int>, of lexer: Lexer) -> Range<Int> {
    var i = line.lowerBound
    while i < line.upperBound, i - line.lowerBound < indent, lexer.bytes[i] == 0x20 { i += 1 }
    return i..<line.upperBound
  }

  /// The attributes if the language is `graft`, else nil.
  var cellAttributes: [String: String]? {
    let parts = info.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "{" || $0 == "}" }
    let begins = info.drop { $0 == " " || $0 == "\t" }
    guard begins.hasPrefix("graft"), parts.first == "graft" else { return nil }
    var attributes: [String: String] = [:]
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      attributes[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
    }
    return attributes
  }
}
