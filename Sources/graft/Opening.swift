import Events
import Lessons
import Notebook
import Terminal

/// Opens a session for a face: its surroundings, how things are shown, Ctrl-C.
struct Opening {
  let facts: TerminalFacts
  let session: Session
  let display: Display

  init(_ arguments: Arguments, isJSON: Bool = false) {
    Stopping.install()
    facts = TerminalFacts.now()
    let display = Display(facts: facts, isJSON: isJSON)
    self.display = display
    let session = Session(presentation: Opening.presentation(facts, arguments), interrupt: Stopping.interrupt)
    { _ in }
    session.observer = { [unowned session] event in display.show(event, session) }
    session.fixedWidth = arguments.value("width").flatMap { Int($0) }
    LessonPlayer.join(session)
    self.session = session
    display.refresh(session)
  }

  private static func presentation(_ facts: TerminalFacts, _ arguments: Arguments) -> Presentation {
    var environment: [String: String] = [:]
    for name in ["LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG", "GRAFT_READER"] {
      environment[name] = Environment.variable(name)
    }
    var asked = Presentation(environment: environment, isTerminal: facts.outputIsTerminal)
    asked.width = facts.width
    asked.colour = facts.hasColor
    asked.unicode = facts.localeIsUTF8
    if arguments.has("reader") { asked.reader = true }
    return asked
  }
}
