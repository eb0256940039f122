import Events
import FileSystem
import Formats
import Notebook
import Options

/// Plays lessons in a session: shows a step, waits for what it asks, keeps progress.
///
/// A lesson runs on its own branch of the tape, from the empty session and with its own seed; `lesson off` comes back
/// to where one was.
public final class LessonPlayer {
  /// All lessons.
  public let library: LessonLibrary
  /// What was done before.
  public internal(set) var progress: Progress
  let today: () -> String

  /// The lesson that is being played, and where it stands.
  public private(set) var lesson: Lesson?
  var at = 0
  var isWaiting = false  // the step is shown and wants something
  var starts: [Int: Session.Bookmark] = [:]
  var home: Session.Bookmark?
  var playing: Session.Bookmark?
  var hint = -1
  var tries = 0
  var hintsRead = 0
  var isMoving = false

  /// A player with its lessons and its progress file; `today` gives the day as 2026-11-24.
  public init(library: LessonLibrary, progress: Progress, today: @escaping () -> String) {
    self.library = library
    self.progress = progress
    self.today = today
  }

  /// The player of a session; throws where a session has none.
  static func of(_ session: Session) throws -> LessonPlayer {
    guard let player = session.companions["lessons"] as? LessonPlayer else {
      throw Failure("there are no lessons in this session.")
    }
    return player
  }

  /// Gives a session the program's own lessons, with progress kept in its state folder.
  public static func join(_ session: Session) {
    let around = session.surroundings
    let progress = Progress(path: Path.join(around.places.state, "progress.txt"), files: around.files)
    let player = LessonPlayer(library: .bundled, progress: progress, today: Day.today)
    player.join(session)
  }

  /// Joins a session: its commands may be used from now on.
  public func join(_ session: Session) {
    session.companions["lessons"] = self
    session.add(commands: LessonCommands.all)
    session.afterCell.append { [weak self] session in self?.looked(session) }
  }

  // MARK: Coming and going

  /// Starts a lesson, or goes on where it was left; with a step, goes there.
  func start(_ id: String, step: Int?, _ session: Session) throws {
    let all = try library.lessons(session.presentation.language)
    guard
      let found = all.first(where: { $0.id == id })
        ?? Int(id).flatMap({ all.indices.contains($0) ? all[$0] : nil })
    else {
      throw unknown("lesson", id, among: all.map(\.id))
    }
    let before = session.bookmark()
    try session.startOver(seed: found.seed)
    home = home ?? before
    lesson = found
    (starts, hint, playing) = ([:], -1, nil)
    session.emit(
      .heading(
        Heading(found.title, aside: "\(found.minutes) min · \(found.counted.count) questions and tasks")))
    session.say(.dim("n next · h hint · p play · q leave · ?lesson"))
    session.letters = ["n": "next", "h": "hint", "p": "play", "l": "lesson", "q": "lesson off", "b": "back"]
    session.emptyLine = "next"
    let target = step ?? 0
    try fastForward(to: target, session)
    try show(session)
  }

  /// Leaves the lesson and comes back to where one was before it.
  func leave(_ session: Session) throws {
    guard lesson != nil else { throw Self.noLesson }
    if let home { try session.go(to: home) }
    (lesson, home, playing) = (nil, nil, nil)
    session.letters = [:]
    session.emptyLine = nil
    session.asking = nil
    session.promptNote = ""
    session.say("back where you were before the lesson")
  }

  static let noLesson = Failure(
    "no lesson is being played.", cure: "lesson   lists them;   lesson 0   starts the tour")

  /// Runs cells and reference answers up to a step without showing them.
  private func fastForward(to target: Int, _ session: Session) throws {
    guard let lesson else { return }
    let observer = session.observer
    session.observer = { _ in }
    defer { session.observer = observer }
    for i in 0..<min(target, lesson.steps.count) {
      starts[i] = session.bookmark()
      switch lesson.steps[i].kind {
      case .cell(let text, let fails):
        do { try session.perform(text) } catch { if !fails { throw broken(i, error) } }
      case .task(let task): try session.perform(task.answer)
      default: break
      }
    }
    at = min(target, lesson.steps.count)
  }

  func broken(_ step: Int, _ error: any Error) -> Failure {
    let place = lesson.map { "\($0.file):\($0.steps[step].line)" } ?? ""
    return Failure("this lesson is broken, not you (\(place)): \(error)", cure: "skip goes on")
  }

  // MARK: Showing

  /// Shows steps until one waits for something.
  func show(_ session: Session) throws {
    guard let lesson else { return }
    session.asking = nil
    try progress.place(lesson.id, at)
    while at < lesson.steps.count {
      let step = lesson.steps[at]
      starts[at] = session.bookmark()
      session.promptNote = step.id.isEmpty ? lesson.id : step.id
      isWaiting = true
      switch step.kind {
      case .prose(let text):
        session.emit(.prose(Prose(marked: Self.unfolded(text))))
      case .cell(let text, _):
        session.emit(.prose(Prose(text.split(separator: "\n").map { StyledText("▸ ") + .code(String($0)) })))
        session.say(.dim("Enter runs it"))
        return
      case .expect(let formulas):
        for formula in formulas where try !holds(formula, session) {
          throw broken(at, Failure("\(formula) does not hold"))
        }
      case .predict(let question):
        let choices = question.choices.map { StyledText($0.text) }
        session.emit(
          .question(Question(StyledText(marked: question.question), choices: choices, id: step.id)))
        session.asking = ("predict", "predict")
        return
      case .task(let task):
        session.emit(.prose(Prose(marked: "**Your turn** (\(step.id))  " + Self.unfolded(task.text))))
        session.say(.dim("check says how far you are · hint · skip shows and runs an answer"))
        (hint, tries, hintsRead) = (-1, 0, 0)
        return
      case .explain(let prompt, _):
        session.emit(.question(Question(StyledText(marked: prompt), id: step.id)))
        session.asking = ("in your words", "predict")
        return
      case .recall(let id):
        if let old = try recalled(id) {
          session.emit(
            .question(
              Question(
                StyledText(marked: "Do you remember? " + old.question),
                choices: old.choices.map { StyledText($0.text) }, id: id)))
          session.asking = ("predict", "predict")
          return
        }
      }
      at += 1
    }
    try finished(session)
  }

  /// Paragraphs as single lines, so that they can be wrapped to any width; lists and code stay as they are.
  static func unfolded(_ text: String) -> String {
    var out: [String] = [], isCode = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") { isCode.toggle() }
      let starts =
        isCode || line.isEmpty || line.hasPrefix("#") || line.hasPrefix("- ") || line.hasPrefix("|")
        || line.hasPrefix("    ") || line.hasPrefix("```")
      if !starts, let last = out.last, !last.isEmpty, !last.hasPrefix("#"), !last.hasPrefix("|"),
        !last.hasPrefix("    "), !last.hasPrefix("```")
      {
        let isWide =
          last.unicodeScalars.last.map { $0.value > 0x2e80 } == true
          && line.unicodeScalars.first.map { $0.value > 0x2e80 } == true
        out[out.count - 1] = last + (isWide ? "" : " ") + line
      } else {
        out.append(
          line.hasPrefix("## ")
            ? "**" + line.dropFirst(3) + "**" : line.hasPrefix("# ") ? "**" + line.dropFirst(2) + "**" : line)
      }
    }
    return out.filter { !$0.hasPrefix("```") }.joined(separator: "\n")
  }

  func recalled(_ id: String) throws -> Lesson.Prediction? {
    for lesson in try library.lessons(.en) {
      for step in lesson.steps where step.id == id {
        if case .predict(let question) = step.kind { return question }
      }
    }
    return nil
  }

  func finished(_ session: Session) throws {
    guard let lesson else { return }
    session.promptNote = lesson.id + " end"
    session.emit(.verdict(Verdict(.right, StyledText("end of \(lesson.title)"))))
    if !lesson.aha.isEmpty { session.say(StyledText("what it showed: ") + .code(lesson.aha)) }
    let all = try library.lessons(session.presentation.language)
    if let next = all.first(where: { $0.needs.contains(lesson.id) })
      ?? all.drop(while: { $0.id != lesson.id }).dropFirst().first
    {
      session.say(
        .dim("lesson \(next.id) goes on: \(next.title)    lesson off goes back to your own session"))
    }
    session.emptyLine = nil
  }
}
