import Events
import Notebook
import Terminal

/// The notebook: a prompt for a person, or cells that come through a pipe.
enum NotebookFace {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let opening = Opening(arguments)
    return opening.facts.inputIsTerminal ? Conversation(opening).run() : pipe(opening)
  }

  /// Whether a text can be run, for the reader of lines.
  static func completeness(_ text: String) -> CellReader.Completeness {
    switch Completeness.of(Transcript.strip(text)) {
    case .complete: return .complete
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    }
  }

  /// Runs the cells of standard input without prompts, on after errors as at the prompt; 1 if one failed.
  private static func pipe(_ opening: Opening) -> Int32 {
    let session = opening.session
    let reader = CellReader(PipeSource())
    var status = Status.fine
    while !session.isOver {
      opening.display.settle()
      switch reader.read(prompt: "", isComplete: completeness) {
      case .interrupted: return Status.interrupted
      case .end: return Signals.isLeaving ? Status.terminated : status
      case .line(let line):
        guard let cell = Typed.cell(line, session) else { continue }
        if !session.execute(cell) { status = Status.failed }
      }
    }
    opening.display.settle()
    return status
  }
}
