import Events
import Notebook
import Options
import Terminal

/// `graft run FILE`: the cells of a file, up to the first error.
enum RunFace {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let opening = Opening(arguments, isJSON: arguments.has("json"))
    let session = opening.session, display = opening.display
    do {
      for text in arguments.values("set") { try session.give(text) }
      let file = try file(arguments.words[0], session)
      for cell in file.cells {
        if let status = stopped { return status }
        if session.isOver { break }
        for line in Prompt.transcript(cell.text, session) { display.line(line, session) }
        let isFine = session.execute(cell, of: file.name)
        display.settle()
        if let status = stopped { return status }
        if !isFine { return Status.failed }
      }
      return Status.fine
    } catch {
      session.emit(.error(FailureView(error)))
      return Status.failed
    }
  }

  /// The exit code after a signal; nil where none came.
  private static var stopped: Int32? {
    if Signals.isLeaving { return Status.terminated }
    return Signals.interrupts > 0 ? Status.interrupted : nil
  }

  private static func file(_ path: String, _ session: Session) throws -> BatchFile {
    guard path == "-" else { return try BatchFile(path: path, files: session.surroundings.files) }
    let source = PipeSource()
    var lines: [String] = []
    while case .line(let line) = source.read(prompt: "") { lines.append(line) }
    return BatchFile(name: "standard input", text: lines.joined(separator: "\n"))
  }
}
