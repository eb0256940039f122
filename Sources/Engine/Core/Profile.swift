import Synchronization

/// Where the time and the memory of what runs go: one lap for each op, forward and back.
///
///     Profile.$current.withValue(profile) { … }
///
/// A lap ends where an op ends and begins where the lap before it ended. So laps add up to the whole, nothing is counted
/// twice, and what Swift does between two ops is counted with the second of them.
public final class Profile: Sendable {
  /// What measures the task or thread that asks; nil: nothing does, and an op pays one look at it.
  @TaskLocal public static var current: Profile?

  /// Part of a step.
  public enum Phase: String, Sendable, CaseIterable {
    /// From the batch to the loss.
    case forward
    /// From the loss to the gradients.
    case back
    /// What runs once more on the way back, since it was not kept.
    case again
    /// From the gradients to new values.
    case update
  }

  /// What one op took once.
  public struct Lap: Sendable {
    /// The op, by its name on the tape.
    public let op: String
    /// The site that ran it, or the parameter; empty: neither.
    public let place: String
    /// When it ran.
    public let phase: Phase
    /// How long, in seconds.
    public let seconds: Double
    /// Bytes of memory that it took, scratch of other threads not counted.
    public let made: Int
    /// Bytes of them that were held when most was in use.
    public fileprivate(set) var held = 0
    /// Floating-point operations in matrix products and attention; 0: others, which are not counted.
    public let operations: Double
  }

  /// Memory that a lap took, known by the lap's number: whoever gives it back says so.
  struct Share: Sendable {
    let profile: Profile
    let lap: Int
  }

  private struct State {
    var laps: [Lap] = []
    var end = ContinuousClock.now
    var phase = Phase.forward, place = "", isInside = false
    var made = 0, operations = 0.0
    var changes: [(lap: Int, bytes: Int)] = []
  }
  private let state = Mutex(State())

  /// Measures from now on.
  public init() {}

  /// The laps so far, each with what it held at the fullest moment.
  public var laps: [Lap] {
    state.withLock { state in
      var laps = state.laps, held = [Int](repeating: 0, count: laps.count + 1)
      var inUse = 0, most = 0, fullest = 0
      for (i, change) in state.changes.enumerated() {
        inUse += change.bytes
        if inUse > most { (most, fullest) = (inUse, i + 1) }
      }
      for change in state.changes.prefix(fullest) { held[change.lap] += change.bytes }
      for i in laps.indices { laps[i].held = held[i] }
      return laps
    }
  }

  /// Bytes that were taken and not given back: now, and when most were.
  public var bytes: (now: Int, most: Int) {
    state.withLock { state in
      state.changes.reduce(into: (now: 0, most: 0)) { sum, change in
        sum.now += change.bytes
        sum.most = max(sum.most, sum.now)
      }
    }
  }

  /// What runs from now on belongs to a phase.
  public func begin(_ phase: Phase) { state.withLock { $0.phase = phase } }

  /// What runs from now on is run by a site.
  public func enter(_ place: String) { state.withLock { $0.place = place } }

  /// Ends a lap: what was done since the last one ended was this, where `enter` said or at `place`.
  public func lap(_ op: String, at place: String? = nil) {
    let now = ContinuousClock.now
    state.withLock { state in
      guard !state.isInside else { return }
      state.laps.append(
        Lap(
          op: op, place: place ?? state.place, phase: state.phase, seconds: (now - state.end) / .seconds(1),
          made: state.made, operations: state.operations))
      (state.end, state.made, state.operations) = (now, 0, 0)
    }
  }

  /// Runs one op's way back, whose inner ops are no laps of their own; with `false`, ops that are run anew inside of it
  /// are.
  func inside<R>(_ isInside: Bool = true, _ body: () throws -> R) rethrows -> R {
    let before = state.withLock { state in
      defer { state.isInside = isInside }
      return state.isInside
    }
    defer { state.withLock { $0.isInside = before } }
    return try body()
  }

  /// Counts floating-point operations for the lap that runs.
  func count(operations: Double) { state.withLock { $0.operations += operations } }

  /// Counts memory for the lap that runs.
  func took(_ bytes: Int) -> Share {
    state.withLock { state in
      state.made += bytes
      state.changes.append((state.laps.count, bytes))
      return Share(profile: self, lap: state.laps.count)
    }
  }

  fileprivate func gave(_ lap: Int, _ bytes: Int) { state.withLock { $0.changes.append((lap, -bytes)) } }
}

extension Profile.Share {
  /// The memory was given back.
  func gave(_ bytes: Int) { profile.gave(lap, bytes) }
}

extension Profile {
  /// Floating-point operations a second, in 10⁹, that our products reach just now on matrices that suit them: what the
  /// speed of an op is compared with. Takes about 20 ms.
  public static func speedOfProducts() -> Double {
    let n = 384, a = Tensor.filled([n, n], 0.5), b = Tensor.filled([n, n], 0.25)
    var best = 0.0
    for _ in 0..<12 {
      let start = ContinuousClock.now
      let c = Tensor.make([n, n]) { c in
        a.read { a in
          b.read { b in Product.run(n, n, n, .init(a, stride: n), .init(b, stride: n), into: c, stride: n) }
        }
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      if c.count > 0 && seconds > 0 { best = max(best, 2 * Double(n * n * n) / seconds / 1e9) }
    }
    return best
  }
}
