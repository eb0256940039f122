import FileSystem
import Formats
import Options

/// A file of cells: `.graft` with cells as they are typed, or Markdown with fenced cells.
public struct BatchFile {
  /// The name that errors show.
  public let name: String
  /// Its cells in order.
  public let cells: [SourceCell]

  /// Cells of a text; a name that ends in `.md` or `.markdown` means Markdown.
  public init(name: String, text: String) {
    self.name = name
    let isMarkdown = [".md", ".markdown"].contains { name.lowercased().hasSuffix($0) }
    cells = isMarkdown ? MarkdownCells.cells(from: text) : Script.cells(from: text)
  }

  /// Reads a file; throws with the path when it is missing, no text, or has no cell.
  public init(path: String, files: any Files) throws {
    self.init(name: path, text: try files.text(of: path))
    guard !cells.isEmpty else {
      throw Failure(
        "\(path) has no cells.",
        cure: "A .graft file has cells as they are typed, a .md file has them in ```graft fences")
    }
  }
}

/// An error in a text other than the line that was typed: the text goes with it, for the caret.
struct SourceFailure: Error {
  let failure: Failure
  let source: String
}

extension Session {
  /// How deep a file may run files.
  static let deepestFile = 8

  /// Runs a file's cells as further cells of the session, up to the first error or Ctrl-C.
  func run(_ file: BatchFile) throws {
    guard fileDepth < Self.deepestFile else {
      throw Failure(
        "files run files more than \(Self.deepestFile) deep.", cure: "Does \(file.name) run itself?")
    }
    fileDepth += 1
    defer { fileDepth -= 1 }
    for cell in file.cells {
      if isStopped { return }
      beginCell()
      try run(cell, of: file.name)
    }
  }

  /// Runs one cell of a file.
  func run(_ cell: SourceCell, of file: String) throws {
    do {
      try run(Parser.parse(cell.text, vocabulary(prefixes: false)))
    } catch let inner as SourceFailure {
      var failure = inner.failure
      failure.details.append("run from \(file):\(cell.line)")
      throw SourceFailure(failure: failure, source: inner.source)
    } catch let failure as Failure {
      var located = failure
      let line = failure.place.map { cell.position(of: $0.lowerBound).line } ?? cell.line
      located.what = "\(file):\(line): " + failure.what
      throw SourceFailure(failure: located, source: cell.text)
    }
  }

  /// Binds a name before anything runs; a `let` of that name keeps this value. Throws for what is no value.
  ///
  /// `text` is `name=value` as after a command: `r=8`, `on=attn.q,attn.v`, `name="two words"`.
  public func give(_ text: String) throws {
    let parsed = try? Parser.parse("given " + text, verbs: ["given"])
    guard let parsed, parsed.statements.count == 1, case .command(let call) = parsed.statements[0].kind,
      call.arguments.count == 1, let name = call.arguments[0].name,
      let value = call.arguments[0].value.literal
    else {
      throw Failure(
        "“\(text)” does not give a name a value.",
        cure: "Such as r=8, or on=attn.q,attn.v, or word=\"two words\"")
    }
    try perform("let \(name.text) = \(Self.expression(value))")
    given.insert(name.text)
  }

  /// A value as it is written in an expression.
  private static func expression(_ value: OptionValue) -> String {
    switch value {
    case .integer, .number: return Syntax.spelling(of: value)
    case .flag(let on): return on ? "yes" : "no"
    case .text(let text): return Syntax.quoted(text)
    case .list, .range: return "[" + value.elements.map(expression).joined(separator: ", ") + "]"
    }
  }
}
