import Events
import Notebook
import Options

/// What the learner does at a step: goes on, answers, asks for hints, checks, plays.
extension LessonPlayer {
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

  func holds(_ formula: String, _ session: Session) throws -> Bool {
    guard let number = try session.value(of: formula).asNumber else { return false }
    return number != 0
  }

  /// After each cell of the learner's: a task that is done is said to be done.
  func looked(_ session: Session) {
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

  func note(_ step: Lesson.Step, _ result: String) throws {
    try progress.note(
      step.id,
      .init(content: step.content, result: result, tries: max(tries, 1), hints: hintsRead, date: today()))
  }
}
