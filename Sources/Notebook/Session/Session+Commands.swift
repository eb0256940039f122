import Engine
import Events
import Options
import Training

/// One command: what it changes is put on the tape, and what failed is as if it had not been.
extension Session {
  func perform(_ call: Syntax.Command, name: String? = nil) throws {
    let type = try command(call), isTimed = type.card.changes
    let before = isTimed ? capture() : nil
    var call = call
    let done: Done
    do {
      if !type.takes.isFormula { call = try Evaluator(self).settled(call) }
      done = try run(type, call, name)
      if type.card.name != HookCommand.card.name, replay?.isPartial != true { endBriefHooks() }
    } catch {
      timeline.forget()
      if let before { try restore(before) }
      throw (error as? Failure)?.at(call.range) ?? error
    }
    let text = line(call, name, done)
    if !done.isUnrecorded { noteSources(before, text, adds: done.addsToSource) }
    if isTimed { record(text, done) }
    if let failure = done.failure { throw (failure as? Failure)?.at(call.range) ?? failure }
  }

  /// Remembers the line that gave a model its data, for saving.
  private func noteSources(_ before: SessionState?, _ text: String, adds: Bool) {
    for subject in subjects
    where before?.subjects.first(where: { $0.subject === subject })?.source?.identity
      != subject.source?.identity
    {
      let first = adds ? subject.sourceLine.map { $0 + "; " } ?? "" : ""
      subject.sourceLine = subject.source == nil ? nil : first + text
    }
  }

  private func command(_ call: Syntax.Command) throws -> any Command.Type {
    let all = commands + Commands.makers
    guard let found = all.first(where: { $0.card.name == call.verb.text }) else {
      throw unknown("command", call.verb.text, among: all.map { $0.card.name }).at(call.verb.range)
    }
    return found
  }

  private func run<C: Command>(_ type: C.Type, _ call: Syntax.Command, _ name: String?) throws -> Done {
    var command = try C.decode(call, self)
    command.call.boundName = name
    let outer = currentName
    commandCurrent = outer
    if let other = command.call.subject {
      _ = try subject(other)
      currentName = other
    }
    defer { if command.call.subject != nil, !C.card.changes || C.card.name != "use" { currentName = outer } }
    return try command.run(self)
  }

  /// Ends hooks that were for one command only.
  func endBriefHooks() { for subject in subjects { subject.removeHooks(\.isBrief) } }

  /// What stands on the tape: the line with its values, and the steps that were really made.
  private func line(_ call: Syntax.Command, _ name: String?, _ done: Done) -> String {
    if let text = done.text { return text }
    var call = call
    if let steps = done.steps { call.setFirstNumber(steps) }
    return (name.map { "let \($0) = " } ?? "") + call.description
  }

  func record(_ text: String, _ done: Done) {
    for subject in subjects where subject.phase == .none { subject.trainer.cancel() }
    guard replay == nil else { return }
    guard !done.isUnrecorded else { return timeline.forget() }
    timeline.add(text, group: group, end: capture()) { entry in
      entry.alias = done.alias
      entry.bound = done.bound
      entry.subject = done.subject
      entry.evaluation = done.subject.flatMap { name in subjects.first { $0.name == name } }?.lastEvaluation
    }
    isUnsaved = true
    journal?(text)
  }

  /// Tells the tape that a training step of a model was made.
  func stepped(_ subject: Subject, loss: Float) {
    guard replay == nil else { return }
    var state = capture()
    state.current = commandCurrent
    timeline.keepStep(state, loss: loss)
  }
}
