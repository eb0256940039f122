import Events
import Options
import Training

/// `status`: where one stands.
public struct StatusCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "status", "Says where you stand: model, attachments, data, steps, seed, what is unsaved.",
    examples: ["status"])

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Says it.
  public func run(_ session: Session) throws -> Done {
    if let subject = session.currentSubject {
      session.say(
        .strong(subject.name) + "  " + StyledText(subject.summary)
          + .dim(subject.origin.contains(" ") ? "   " + subject.origin : ""))
      try AttachmentsView().show(session, subject, Call())
      session.emit(.facts(training(subject)))
      let others = session.models.map(\.name).filter { $0 != subject.name }
      if !others.isEmpty { session.say(StyledText("other models: " + others.joined(separator: " "))) }
    } else {
      session.say("no model yet: let m = gpt base=alphabet opens one")
    }
    session.emit(.facts(notebook(session)))
    return .unrecorded
  }

  private func training(_ subject: Subject) -> Facts {
    let state = subject.trainer.state
    var facts: [Facts.Fact] = [
      .init("data", .words(subject.task?.name ?? subject.source?.name ?? "none yet")),
      .init("step", .count(state.step)),
    ]
    if let loss = state.losses.last { facts.append(.init("last loss", .number(loss))) }
    facts.append(
      .init(
        "lr",
        .words(formatted(subject.trainer.rate(for: subject.model)) + (state.rate == nil ? " (card)" : ""))))
    facts.append(.init("schedule", .words(state.schedule.shape.rawValue)))
    facts.append(.init("optimizer", .words(type(of: state.optimiser).card.name)))
    if let half = subject.trainer.half {
      facts.append(
        .init("begun", .words(half.gradients == nil ? "forward is done" : "forward and backward are done")))
    }
    if !subject.hooks.isEmpty { facts.append(.init("hooks", .count(subject.hooks.count))) }
    return Facts("", facts)
  }

  private func notebook(_ session: Session) -> Facts {
    var facts: [Facts.Fact] = [
      .init("seed", .words("\(session.seed)")),
      .init("tape", .words("entry \(session.timeline.head) of \(session.timeline.entries.count - 1)")),
      .init("unsaved", .flag(session.isUnsaved)),
    ]
    if !session.watches.isEmpty {
      facts.append(.init("watched", .words(session.watches.joined(separator: " "))))
    }
    if !session.snaps.isEmpty {
      facts.append(.init("snaps", .words(session.snaps.keys.sorted().joined(separator: " "))))
    }
    facts.append(.init("lesson", .words(session.promptNote.isEmpty ? "none" : session.promptNote)))
    return Facts("", facts)
  }
}
