import Events
import Notebook
import Terminal

/// The notebook with a person at the keyboard.
struct Conversation {
  private let session: Session
  private let display: Display
  private let source: ReadlineSource
  private let journal: Journal

  init(_ opening: Opening) {
    session = opening.session
    display = opening.display
    let folder = opening.session.surroundings.places.state
    source = ReadlineSource(history: folder + "/history")
    let completion = Notebook.Completion(opening.session)
    source.completer = { text, cursor in
      let found = completion.candidates(text, cursor: cursor)
      return Terminal.Completion(range: found.range, candidates: found.words, appendSpace: found.wantsSpace)
    }
    journal = Journal(folder: folder)
    journal.follow(opening.session)
  }

  /// Asks and answers until the end; the exit code.
  func run() -> Int32 {
    greet()
    let reader = CellReader(source, continuation: Prompt.continuation)
    session.startsUninterrupted = false
    while !session.isOver {
      display.settle()
      display.refresh(session)
      switch reader.read(prompt: Prompt.styled(session), isComplete: NotebookFace.completeness) {
      case .interrupted: continue
      case .end:
        display.settle()
        session.isOver = true
      case .line(let line): answer(line)
      }
    }
    display.settle()
    leave()
    return Status.fine
  }

  private func answer(_ line: String) {
    guard let cell = Typed.cell(line, session) else { return }
    session.execute(cell)
    display.settle()
    guard let corrected = session.suggestion else { return }
    source.offer(corrected)
    let key = session.presentation.unicode ? "↑" : "Up"
    session.say(.dim(session.phrase("recalls", key)))
  }

  /// Three lines at the first time, one later.
  private func greet() {
    let hasLessons = session.vocabulary.verbs.contains("lesson")
    if let problem = source.historyProblem { session.emit(.warning(StyledText(problem))) }
    guard journal.isFirstTime else {
      var line: StyledText = .strong("Graft") + hint("?", "help")
      if hasLessons { line += hint("lesson 0", "a tour") }
      if journal.last != nil { line += hint("load last", "continues") }
      return session.say(line)
    }
    session.say(.strong("Graft") + ": " + StyledText(session.phrase("greeting")))
    session.say(
      (hasLessons ? hint("lesson 0", "a tour") : "") + hint("?", "all commands")
        + hint("?lora", "about one thing"))
    session.say(
      hint("let m = gpt layers=2", "begins at once") + StyledText("   " + session.phrase("leaves", "Ctrl-D")))
  }

  /// What can be typed, and what it does.
  private func hint(_ typed: String, _ key: String) -> StyledText {
    "   " + .code(typed) + StyledText("  " + session.phrase(key))
  }

  private func leave() {
    if let problem = journal.problem { session.emit(.warning(StyledText(problem))) }
    guard session.isUnsaved, journal.kept != nil else { return }
    session.say(.dim(session.phrase("kept")) + hint("load last", "continues"))
  }
}
