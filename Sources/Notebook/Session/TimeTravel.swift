import Engine
import Events
import Options
import Training

/// Going through time: states that are kept are put back, others are made again from the nearest before them.
extension Session {
  /// Goes to a moment, bit for bit; if that fails or is interrupted, nothing has changed.
  func travel(to moment: Timeline.Moment) throws {
    let (start, legs) = timeline.way(to: moment)
    guard let start else { throw Failure("that moment of the tape cannot be reached.") }
    guard !legs.isEmpty else { return try restore(start) }
    let before = capture()
    do {
      try restore(start)
      try redo(legs)
    } catch {
      try restore(before)
      if case EngineError.interrupted = error {
        throw Failure("stopped on the way there; nothing has changed.", cure: "The same command starts again")
      }
      throw error
    }
  }

  /// Moves the head to an entry and restores its end.
  func move(to id: Int) throws {
    guard id != timeline.head else { return }
    try travel(to: timeline.end(of: id))
    timeline.moveHead(to: id)
    journal?("goto \(id)")
  }

  private func redo(_ legs: [Timeline.Leg]) throws {
    let replay = Replay(legs.reduce(0) { $0 + $1.to - $1.from })
    try during(replay) {
      for leg in legs {
        try redo(leg, replay)
        try replay.check(self)
      }
    }
    replay.finish(self)
  }

  private func redo(_ leg: Timeline.Leg, _ replay: Replay) throws {
    let entry = timeline.entries[leg.entry]
    (replay.limit, replay.isPartial) = (leg.to, leg.to < entry.steps)
    if let (name, value) = entry.bound {
      bindings[name] = value
    } else if entry.alias == nil, leg.from == 0 {
      // The whole line: what it does before its first step (train lr=…) belongs to it.
      try perform(entry.text)
    } else if entry.alias == nil {
      let subject = try entry.subject.map { try self.subject($0) } ?? current()
      guard let source = subject.source else { throw Self.noData }
      for _ in leg.from..<leg.to {
        try subject.trainer.step(subject.model, source, interrupt: interrupt)
        try replay.tick(self)
      }
      if leg.to == entry.steps { endBriefHooks() }
    }
    // The same as after the command: a line by itself has seen to it.
    if !replay.isPartial, entry.alias != nil || leg.from > 0 || entry.bound != nil { endBriefHooks() }
    guard entry.steps > 0, leg.to == entry.steps, let name = entry.subject, let found = entry.evaluation
    else { return }
    try subject(name).lastEvaluation = found
  }

  // MARK: Looking aside, and coming back

  /// Runs something and comes back: nothing of it stays, neither on the tape nor in the journal.
  public func aside<R>(_ body: () throws -> R) throws -> R {
    let state = capture(), head = timeline.head, count = timeline.entries.count
    let outer = (journal, isUnsaved), next = timeline.entries[head].lastChild
    journal = nil
    defer {
      (journal, isUnsaved) = outer
      timeline.cut(to: count, head: head, lastChild: next)
    }
    do {
      let result = try body()
      try restore(state)
      return result
    } catch {
      try restore(state)
      throw error
    }
  }

  /// A moment kept by a face (a lesson), to come back to.
  public struct Bookmark {
    let state: SessionState
    let head: Int
  }

  /// Keeps the present moment.
  public func bookmark() -> Bookmark { Bookmark(state: capture(), head: timeline.head) }

  /// Goes back to a kept moment.
  public func go(to bookmark: Bookmark) throws {
    try restore(bookmark.state)
    guard bookmark.head != timeline.head else { return }
    timeline.moveHead(to: bookmark.head)
    journal?("goto \(bookmark.head)")
  }
}
