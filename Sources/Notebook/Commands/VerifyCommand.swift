import Engine
import Events
import Options

/// `verify`: the tape from the start once more, in a fresh session, compared entry by entry.
public struct VerifyCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "verify",
    "Runs the tape again from the start, in a session of its own, and compares the hash after every entry.",
    use: "Equal hashes: the same numbers, bit for bit. Files that were read are read again.",
    examples: ["verify"])

  /// What was typed.
  public var call = Call()

  /// No options.
  public init() {}

  /// Runs it, and reports the first entry that differs.
  public func run(_ session: Session) throws -> Done {
    let path = session.timeline.path
    guard !path.isEmpty else {
      session.say("the tape is empty: there is nothing to verify")
      return .unrecorded
    }
    let fresh = session.twin()
    var failure: Failure?
    fresh.observer = { if case .error(let view) = $0 { failure = failure ?? view.failure } }
    let wanted = try session.aside { try path.map { try session.hash(ofKept: $0.id) } }
    var compared = 0, done = 0
    let all = path.reduce(0) { $0 + $1.steps }
    for (entry, hash) in zip(path, wanted) {
      guard fresh.again(entry) else {
        if session.interrupt.isRaised {
          throw Failure("stopped before the end: entry \(entry.id) was not reached.")
        }
        let reason = failure ?? Failure("it did not run to its end")
        throw Failure(
          "entry \(entry.id), \(entry.text), fails now: \(reason.what)", cure: reason.cure,
          details: reason.details)
      }
      done += entry.steps
      if entry.steps >= 10, done < all { session.emit(.progress(ProgressLine(done, of: all, unit: "step"))) }
      guard let hash else { continue }
      guard fresh.hash() == hash else {
        throw Failure(
          "entry \(entry.id), \(entry.text), is the first that differs: hash \(hash) then, \(fresh.hash()) now.",
          cure: "Did a file change that it reads? Other processors give other last bits, too")
      }
      compared += 1
    }
    if all >= 10 { session.emit(.progress(ProgressLine(all, of: all, unit: "step", finished: true))) }
    let rest = path.count - compared
    session.say(
      .strong("\(compared) of \(path.count) entries compared, all equal")
        + StyledText("   hash \(session.hash())"))
    if rest > 0 {
      session.say(.dim("\(rest) ran, but their states are no longer kept: nothing to compare with"))
    }
    return .unrecorded
  }
}

extension Session {
  /// A fresh session on the same machine, with the same commands; nothing is shown, and the interrupt is shared.
  func twin() -> Session {
    let twin = Session(surroundings: surroundings, presentation: presentation, interrupt: interrupt) { _ in }
    twin.commands = commands
    return twin
  }

  /// Runs a line of a journal.
  func again(_ line: String) throws {
    beginCell()
    try perform(line)
  }

  /// Runs the line of another session's entry; false if it failed or stopped early.
  func again(_ entry: Timeline.Entry) -> Bool {
    do {
      do { try perform(entry.text) } catch {
        guard let bound = entry.bound else { throw error }
        bind(bound.name, to: bound.value, entry.text)  // of a result that only the other session had
      }
      return timeline.entries.last?.steps == entry.steps && !interrupt.isRaised
    } catch {
      observer(.error(FailureView(error)))
      return false
    }
  }

  /// The hash at an entry's end, where its state is kept; the session then stands there.
  fileprivate func hash(ofKept id: Int) throws -> String? {
    guard let state = timeline.known(timeline.end(of: id)) else { return nil }
    try restore(state)
    return hash()
  }
}
