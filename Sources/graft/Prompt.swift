import Events
import Notebook

/// What stands before the line that is typed: `graft[4]* lora/2 ·21> `.
enum Prompt {
  /// Place and state: the number of the cell, `*` for what is not saved, the lesson's step, training steps.
  static func text(_ session: Session) -> String {
    if let asking = session.asking { return asking.name + "> " }
    var text = "graft[\(session.cell + 1)]" + (session.isUnsaved ? "*" : "")
    if !session.promptNote.isEmpty { text += " " + session.promptNote }
    if let steps = session.trainingSteps, steps > 0 {
      text += (session.presentation.unicode ? " ·" : " .") + "\(steps)"
    }
    return text + "> "
  }

  /// The same with colour, where there is colour.
  static func styled(_ session: Session) -> String {
    let text = text(session)
    return session.presentation.colour ? ANSI.coloured(.strong(String(text.dropLast()))) + " " : text
  }

  /// What stands before the further lines of a cell.
  static let continuation = "...> "

  /// A cell as it would stand on the screen after its prompt, a line for each of its lines.
  static func transcript(_ cell: String, _ session: Session) -> [StyledText] {
    cell.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { i, line in
      .dim(i == 0 ? text(session) : continuation) + .code(String(line))
    }
  }
}
