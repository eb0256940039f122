/// Which states of the tape are kept, within a budget.
///
/// One state a training step is kept while there is room. Then every second goes, oldest first, then every fourth, and
/// so on: so the way from any moment to a kept state is about the same everywhere, and the newest few are all there.
/// Other entries share nearly everything with their neighbours; their states go last.
struct KeptStates {
  private struct Kept {
    let moment: Timeline.Moment
    /// The number of the step, counted over the whole tape.
    let ordinal: Int
  }
  private var steps: [Kept] = []
  private var others: [Timeline.Moment] = []
  private var ledger = MemoryLedger()
  private var ordinal = 0
  private static let newest = 8

  /// Bytes that the kept states hold alive.
  var bytes: Int { ledger.bytes }

  mutating func add(_ state: SessionState, at moment: Timeline.Moment, isStep: Bool) {
    ledger.add(state)
    guard isStep else { return others.append(moment) }
    steps.append(Kept(moment: moment, ordinal: ordinal))
    ordinal += 1
  }

  mutating func remove(_ state: SessionState, at moment: Timeline.Moment) {
    ledger.remove(state)
    if moment.step == 0 {
      if let at = others.lastIndex(of: moment) { others.remove(at: at) }
    } else if let at = steps.lastIndex(where: { $0.moment == moment }) {
      steps.remove(at: at)
    }
  }

  /// Lets states go until the rest takes three quarters of the budget, beside what the session holds where it stands.
  mutating func thin(to budget: Int, standing here: Timeline.Moment, in timeline: Timeline) {
    let standing = MemoryLedger.bytes(of: timeline.known(here))
    guard ledger.bytes - standing > budget else { return }
    let most = budget / 4 * 3 + standing
    var gap = 2
    while ledger.bytes > most, steps.count > Self.newest, gap <= 2 * max(1, ordinal) {
      thinSteps(gap: gap, keeping: Self.newest, to: most, here, timeline)
      gap *= 2
    }
    if ledger.bytes > most { thinSteps(gap: .max, keeping: 0, to: most, here, timeline) }
    if ledger.bytes > most { thinOthers(to: most, here, timeline) }
  }

  /// Goes over the steps, oldest first, and lets one go where those that stay around it are at most `gap` apart.
  private mutating func thinSteps(
    gap: Int, keeping newest: Int, to most: Int, _ here: Timeline.Moment, _ timeline: Timeline
  ) {
    var stays: [Kept] = []
    for (i, one) in steps.enumerated() {
      let before = stays.last?.ordinal ?? -1, after = i + 1 < steps.count ? steps[i + 1].ordinal : ordinal
      let isFree =
        ledger.bytes > most && i < steps.count - newest && one.moment != here && after - before <= gap
      if isFree, let state = timeline.known(one.moment) {
        timeline.drop(one.moment)
        ledger.remove(state)
      } else {
        stays.append(one)
      }
    }
    steps = stays
  }

  /// Lets states of other entries go, oldest first, where they alone hold memory.
  private mutating func thinOthers(to most: Int, _ here: Timeline.Moment, _ timeline: Timeline) {
    others.removeAll { moment in
      guard ledger.bytes > most, moment != here, let state = timeline.known(moment), ledger.isAlone(state)
      else {
        return false
      }
      timeline.drop(moment)
      ledger.remove(state)
      return true
    }
  }
}
