import Events
import Notebook
import Terminal

/// Shows events: text on a terminal or in a file, with a live line where there can be one; or JSON.
final class Display {
  private let screen: Screen
  private let facts: TerminalFacts
  private let isJSON: Bool
  private var tenth = 0
  /// What the lines for a tenth count, until something else is shown.
  private var unit: String?
  /// Whether the live line holds text that is being made: what is shown next has it whole.
  private var isStreaming = false

  init(facts: TerminalFacts, isJSON: Bool = false) {
    self.facts = facts
    self.isJSON = isJSON
    screen = Screen(facts: facts)
  }

  /// How things are shown at this moment: the width may have changed.
  func refresh(_ session: Session) {
    guard !isJSON else { return }
    session.presentation.width = session.fixedWidth ?? screen.width
    session.presentation.colour = facts.hasColor && !session.isPlain
    session.isLive =
      !session.presentation.reader && !session.isPlain && facts.outputIsTerminal && !facts.isDumb
  }

  /// Shows an event.
  func show(_ event: Event, _ session: Session) {
    if isJSON {
      let lines = JSONLines(digits: session.presentation.digits, language: session.presentation.language)
      return screen.write(lines.text(of: event, cell: session.cell))
    }
    refresh(session)
    if case .progress(let progress) = event { return show(progress, session) }
    unit = nil
    if isStreaming { screen.endProgress("") }
    isStreaming = false
    screen.write(ANSI(session.presentation).text(of: event))
  }

  /// The live line; where there is none, a line for each tenth of the way.
  private func show(_ progress: ProgressLine, _ session: Session) {
    let p = session.presentation, text = ANSI(p).text(of: .progress(progress))
    let line = text.last == "\n" ? String(text.dropLast()) : text
    if progress.finished {
      (tenth, unit) = (0, nil)
      screen.endProgress("")
      return screen.line(line)
    }
    if session.isLive {
      isStreaming = !progress.text.isEmpty
      screen.progress(line)
      return
    }
    guard let total = progress.total, total > 0 else { return }
    if unit == nil { unit = progress.unit }
    guard progress.unit == unit else { return }  // an evaluation on the way is part of the steps
    let now = progress.done * 10 / total
    if now != tenth, now > 0 {
      tenth = now
      screen.line(line)
    }
  }

  /// A line beside the events, such as a cell that is run; none in JSON.
  func line(_ text: StyledText, _ session: Session) {
    guard !isJSON else { return }
    screen.line(session.presentation.colour ? ANSI.coloured(text) : text.plain)
  }

  /// Ends a live line that is still there, so that what follows stands at the beginning of a line.
  func settle() {
    (tenth, unit) = (0, nil)
    screen.freshLine()
  }
}
