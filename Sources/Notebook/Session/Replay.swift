import Engine
import Events

/// A stretch of the tape that is being done again, out of sight: nothing is shown but how far it is, nothing recorded.
final class Replay {
  /// How many steps the entry shall make that is being done.
  var limit = 0
  /// Whether that is less than all of its steps: then what is for the whole line (a brief hook) does not end.
  var isPartial = false
  private let all: Int
  private let start = ContinuousClock.now
  private var done = 0
  private var shown = 0

  /// Of so many steps in all.
  init(_ all: Int) { self.all = all }

  /// Counts a step; throws where an interrupt asks for the end, shows how far it is where it takes long.
  func tick(_ session: Session) throws {
    try check(session)
    done += 1
    let fifths = Int(Training.seconds(ContinuousClock.now - start) * 5)
    guard fifths > shown, done < all else { return }
    shown = fifths
    session.observer(.progress(ProgressLine(done, of: all, unit: "step")))
  }

  /// Throws where an interrupt asks for the end: half a way leads nowhere.
  func check(_ session: Session) throws {
    if session.interrupt.isRaised { throw EngineError.interrupted }
  }

  /// Ends the line that says how far it is.
  func finish(_ session: Session) {
    if shown > 0 { session.observer(.progress(ProgressLine(all, of: all, unit: "step", finished: true))) }
  }
}
