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
  public private(set) var progress: Progress
  private let today: () -> String

  /// The lesson that is being played, and where it stands.
  public private(set) var lesson: Lesson?
  private var at = 0
  private var isWaiting = false  // the step is shown and wants something
  private var starts: [Int: Session.Bookmark] = [:]
  private var home: Session.Bookmark?
  private var playing: Session.Bookmark?
  private var hint = -1
  private var tries = 0
  private var hintsRead = 0
  private var isMoving = false

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

  private func broken(_ step: Int, _ error: any Error) -> Failure {
    let place = lesson.map { "\($0.file):\($0.steps[step].line)" } ?? ""
    return Failure("this lesson is broken, not you (\(place)): \(error)", cure: "skip goes on")
  }

  // MARK: Showing

  /// Shows steps until one waits for something.
  private func show(_ session: Session) throws {
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

  private func recalled(_ id: String) throws -> Lesson.Prediction? {
    for lesson in try library.lessons(.en) {
      for step in lesson.steps where step.id == id {
        if case .predict(let question) = step.kind { return question }
      }
    }
    return nil
  }

  private func finished(_ session: Session) throws {
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

  // MARK: What the learner does

  /// Goes on: runs a cell that waits, passes a question, or says what a task still wants.
  func next(_ session: Session) throws {
    guard let lesson else { throw Self.noLesson }
    guard at < lesson.steps.count else { return try finished(session) }
    let step = lesson.steps[at]
    isMoving = true
    defer { isMoving = false }
    switch step.kind {
    case .cell(let text, let fails):
      do { try session.perform(text) } catch {
        guard fails else { throw broken(at, error) }
        session.emit(.error(FailureView(error, source: text)))
      }
    case .predict(let question):
      return try settle(step, question, given: nil, session)
    case .recall(let id):
      if let old = try recalled(id) { tell(old, given: nil, id: id, session) }
    case .explain(_, let author):
      try note(step, "passed")
      session.say(StyledText("one way to say it: ") + StyledText(marked: author))
    case .task:
      guard try check(session) else { return }
      try note(step, "done")
    default: break
    }
    at += 1
    try show(session)
  }

  /// An answer to the question that waits; empty passes it.
  func predict(_ text: String, _ session: Session) throws {
    guard let lesson, at < lesson.steps.count else { throw Self.noLesson }
    let step = lesson.steps[at]
    switch step.kind {
    case .predict(let question):
      try settle(step, question, given: text.isEmpty ? nil : text, session)
    case .recall(let id):
      if let old = try recalled(id) { tell(old, given: text.isEmpty ? nil : text, id: id, session) }
      at += 1
      try show(session)
    case .explain(_, let author):
      try note(step, text.isEmpty ? "passed" : "written")
      session.say(StyledText("one way to say it: ") + StyledText(marked: author))
      at += 1
      try show(session)
    default:
      throw Failure("nothing is asked here.", cure: "next goes on")
    }
  }

  private func settle(_ step: Lesson.Step, _ question: Lesson.Prediction, given: String?, _ session: Session)
    throws
  {
    if let given, !question.choices.isEmpty,
      !question.choices.contains(where: { $0.key == given.lowercased() })
    {
      throw Failure(
        "“\(given)” is not one of the choices.",
        cure: "Type " + question.choices.map(\.key).joined(separator: ", ") + ", or Enter to pass")
    }
    let isRight = tell(question, given: given, id: step.id, session)
    try note(step, given == nil ? "passed" : isRight ? "right" : "wrong")
    at += 1
    try show(session)
  }

  /// Says whether an answer was right, and why; true if it was.
  @discardableResult
  private func tell(_ question: Lesson.Prediction, given: String?, id: String, _ session: Session) -> Bool {
    let key = given?.lowercased().trimmed
    let isRight = key == question.answer.lowercased()
    let reason = StyledText(marked: question.because)
    if given == nil {
      session.emit(
        .verdict(Verdict(.passed, "the answer: " + StyledText(question.answer) + ".  " + reason, id: id)))
    } else if isRight {
      session.emit(.verdict(Verdict(.right, reason, id: id)))
    } else {
      let remark = question.choices.first { $0.key == key }?.remark ?? ""
      let lead = remark.isEmpty ? StyledText("") : StyledText(marked: remark) + "  "
      session.emit(
        .verdict(Verdict(.wrong, lead + "It is " + StyledText(question.answer) + ": " + reason, id: id)))
    }
    return isRight
  }

  /// Goes back: to the start of a task, or to the step before.
  func back(_ session: Session) throws {
    guard let lesson else { throw Self.noLesson }
    var target = at
    if isWaiting, at < lesson.steps.count, case .task = lesson.steps[at].kind, tries > 0 {
      tries = 0
    } else {
      repeat { target -= 1 } while target > 0 && !Self.waits(lesson.steps[target])
    }
    guard target >= 0, let start = starts[target] else {
      throw Failure("this is the first step.", cure: "next goes on")
    }
    try session.go(to: start)
    at = target
    try show(session)
  }

  private static func waits(_ step: Lesson.Step) -> Bool {
    switch step.kind {
    case .prose, .expect: return false
    default: return true
    }
  }

  /// Shows the next hint, or the one before.
  func hint(_ direction: Int, _ session: Session) throws {
    let task = try self.task()
    hint = min(max(hint + direction, 0), task.hints.count - 1)
    hintsRead = max(hintsRead, hint + 1)
    session.say(
      StyledText("hint \(hint + 1) of \(task.hints.count)   ") + StyledText(marked: task.hints[hint]))
    if hint + 1 == task.hints.count { session.say(.dim("answer shows one way to do it")) }
  }

  /// Shows a reference answer without running it.
  func answer(_ session: Session) throws {
    let task = try self.task()
    hintsRead = task.hints.count + 1
    session.say("one way to do it:")
    session.emit(.prose(Prose(task.answer.split(separator: "\n").map { .code(String($0)) })))
  }

  /// Runs the reference answer from the step's start and goes on; cannot fail because of what was typed before.
  func skip(_ session: Session) throws {
    guard let lesson, at < lesson.steps.count else { throw Self.noLesson }
    let step = lesson.steps[at]
    guard case .task(let task) = step.kind else { return try next(session) }
    if let start = starts[at] { try session.go(to: start) }
    isMoving = true
    defer { isMoving = false }
    session.emit(
      .prose(Prose(task.answer.split(separator: "\n").map { StyledText("▸ ") + .code(String($0)) })))
    do { try session.perform(task.answer) } catch { session.emit(.error(FailureView(broken(at, error)))) }
    try note(step, "skipped")
    at += 1
    try show(session)
  }

  /// Free play: whatever is done until `resume` is forgotten by the lesson.
  func play(_ session: Session) throws {
    guard lesson != nil else { throw Self.noLesson }
    guard playing == nil else {
      throw Failure("you are playing already.", cure: "resume goes back to the lesson")
    }
    playing = session.bookmark()
    session.emptyLine = nil
    session.asking = nil
    session.promptNote = "play"
    session.say("play as you like: resume comes back to this very point")
  }

  /// Back from free play.
  func resume(_ session: Session) throws {
    guard let back = playing else {
      throw Failure("you are not playing.", cure: "play starts it, inside a lesson")
    }
    try session.go(to: back)
    playing = nil
    session.emptyLine = "next"
    session.say("back in the lesson; what you tried stays on the tape")
    try show(session)
  }

  /// Says which checks of a task hold; true if all do.
  @discardableResult
  func check(_ session: Session) throws -> Bool {
    let task = try self.task()
    tries += 1
    var isDone = true
    for formula in task.checks {
      let fine = (try? holds(formula, session)) ?? false
      isDone = isDone && fine
      session.emit(.verdict(Verdict(fine ? .right : .wrong, .code(formula))))
    }
    if !isDone {
      for (formula, remark) in task.misconceptions where (try? holds(formula, session)) == true {
        session.say(StyledText(marked: remark))
      }
      session.say(.dim("go on as you like · hint · back starts the task anew"))
    }
    return isDone
  }

  private func task() throws -> Lesson.Assignment {
    guard let lesson else { throw Self.noLesson }
    guard at < lesson.steps.count, case .task(let task) = lesson.steps[at].kind else {
      throw Failure("there is no task at this step.", cure: "next goes on")
    }
    return task
  }

  private func holds(_ formula: String, _ session: Session) throws -> Bool {
    guard let number = try session.value(of: formula).asNumber else { return false }
    return number != 0
  }

  /// After each cell of the learner's: a task that is done is said to be done.
  private func looked(_ session: Session) {
    guard !isMoving, playing == nil, let lesson, at < lesson.steps.count,
      case .task(let task) = lesson.steps[at].kind
    else { return }
    guard task.checks.allSatisfy({ (try? holds($0, session)) == true }) else { return }
    session.emit(
      .verdict(
        Verdict(.right, "done: " + StyledText(task.checks.joined(separator: ", ")), id: lesson.steps[at].id)))
    do {
      try note(lesson.steps[at], "done")
      at += 1
      try show(session)
    } catch { session.emit(.error(FailureView(error))) }
  }

  private func note(_ step: Lesson.Step, _ result: String) throws {
    try progress.note(
      step.id,
      .init(content: step.content, result: result, tries: max(tries, 1), hints: hintsRead, date: today()))
  }
}

extension Lesson.Step {
  /// A short hash of what the step asks.
  var content: String {
    var text = ""
    switch kind {
    case .predict(let p): text = p.question + p.answer + p.choices.map { $0.key + $0.text }.joined()
    case .task(let t): text = t.checks.joined()
    case .explain(let prompt, _): text = prompt
    default: break
    }
    let hash = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
