import Engine

/// The next training step, run several times and measured; nothing moves.
struct StepProfile {
  /// The laps of the run of median time.
  let laps: [Profile.Lap]
  /// Seconds that the run took, and the fastest of all.
  let seconds: Double, least: Double
  /// How many runs were measured.
  let runs: Int
  /// Bytes in use at the most, beyond what there was before the step.
  let peak: Int
  /// Floating-point operations a second that products reach just now, in 10⁹.
  let speed: Double

  /// Laps of one kind added up.
  struct Row {
    /// What they have in common.
    let name: String
    /// When they ran.
    let phase: Profile.Phase
    private(set) var calls = 0, seconds = 0.0, made = 0, held = 0, operations = 0.0

    init(_ name: String, _ phase: Profile.Phase) { (self.name, self.phase) = (name, phase) }

    mutating func add(_ lap: Profile.Lap) {
      calls += 1
      seconds += lap.seconds
      made += lap.made
      held += lap.held
      operations += lap.operations
    }
  }

  /// Runs the step once to warm up and then `count` times; 0: for a third of a second, three times at least. An
  /// interrupt ends it early.
  init(_ subject: Subject, runs count: Int, interrupt: Interrupt) throws {
    func run() throws -> (laps: [Profile.Lap], seconds: Double, peak: Int) {
      let profile = Profile(), clock = ContinuousClock()
      var peak = 0
      let took = try clock.measure {
        peak = try Profile.$current.withValue(profile) { try NextStep(subject, interrupt: interrupt).peak }
      }
      return (profile.laps, took / .seconds(1), peak)
    }
    let first = try run()
    var found: [(laps: [Profile.Lap], seconds: Double, peak: Int)] = []
    let most = count > 0 ? count : max(3, min(100, Int(0.33 / max(first.seconds, 1e-6))))
    while found.count < most && (found.isEmpty || !interrupt.isRaised) { found.append(try run()) }
    found.sort { $0.seconds < $1.seconds }
    let middle = found[found.count / 2]
    (laps, seconds, peak) = middle
    least = found[0].seconds
    runs = found.count
    speed = Profile.speedOfProducts()
  }

  /// Laps added up by a name, the longest first; those without a name are left out.
  func rows(_ name: (Profile.Lap) -> String?) -> [Row] {
    var rows: [Row] = [], places: [String: Int] = [:]
    for lap in laps {
      guard let name = name(lap) else { continue }
      let key = lap.phase.rawValue + name, place = places[key] ?? rows.count
      if place == rows.count {
        rows.append(Row(name, lap.phase))
        places[key] = place
      }
      rows[place].add(lap)
    }
    return rows.sorted { $0.seconds > $1.seconds }
  }

  /// Seconds of a phase.
  func seconds(_ phase: Profile.Phase) -> Double {
    laps.reduce(0) { $0 + ($1.phase == phase ? $1.seconds : 0) }
  }
}
