/// Reads lines until they make a cell.
///
/// Ctrl-C gives up the whole cell; an empty line within an open block keeps it open; lines pasted together
/// arrive together. The end of input inside a cell hands over what there is, so that the language can say
/// what is missing.
public struct CellReader {
  /// Whether a text is a cell.
  public enum Completeness: Equatable, Sendable {
    /// It can be run.
    case complete
    /// It goes on in the next line.
    case incomplete
    /// No further line can make it right; it is handed over for its error.
    case invalid
  }

  /// The prompt of every line but the first.
  public var continuation: String
  private let source: any LineSource

  /// A reader of the cells of a source.
  public init(_ source: any LineSource, continuation: String = "...> ") {
    self.source = source
    self.continuation = continuation
  }

  /// The next cell, its lines joined by newlines and without a newline at the end.
  public func read(prompt: String, isComplete: (String) -> Completeness) -> Reading {
    var cell = ""
    var isFirst = true
    while true {
      switch source.read(prompt: isFirst ? prompt : continuation, after: isFirst ? "" : cell + "\n") {
      case .interrupted: return .interrupted
      case .end: return isFirst ? .end : kept(cell)
      case .line(let line):
        cell = isFirst ? line : cell + "\n" + line
        isFirst = false
        if isComplete(cell) != .incomplete { return kept(cell) }
      }
    }
  }

  private func kept(_ cell: String) -> Reading {
    var text = cell
    while text.last?.isNewline == true { text.removeLast() }
    if !text.allSatisfy(\.isWhitespace) { source.remember(text) }
    return .line(text)
  }
}
