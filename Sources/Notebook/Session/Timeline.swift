import Options

/// The tape: what was done, as a tree. An entry is a command that changed something; a training entry also knows the
/// state after each of its steps.
///
/// Undo moves the head to the parent, a new command adds a child: nothing that was done is ever lost. States are kept
/// within a budget; beyond it they are thinned, and a missing one is made again from the nearest, exactly.
public final class Timeline {
  /// An entry of the tape.
  public struct Entry {
    /// Its number, from 1; 0 is the empty session.
    public let id: Int
    /// The entry it was done after.
    public let parent: Int
    /// What was done, as a full line that can be typed.
    public let text: String
    /// Statements of one cell share a group, and are undone together.
    public let group: Int
    /// Training steps in it.
    public let steps: Int
    /// The loss after each training step.
    public let losses: [Float]
    /// For `step -n`: the moment that it went back to.
    public let alias: Moment?
    /// Numbers of the entries done after it, oldest first.
    public internal(set) var children: [Int] = []
    /// The child that the head last came from.
    public internal(set) var lastChild: Int?
    var end: SessionState?
    var states: [SessionState?] = []
  }

  /// A point in time: the state after a step of a training entry (step 1 …), or after any other entry (step 0).
  public struct Moment: Hashable, Sendable {
    /// The entry.
    public let entry: Int
    /// The step in it.
    public let step: Int
  }

  /// All entries; the number is the index.
  public private(set) var entries: [Entry]
  /// The entry that the session stands at.
  public internal(set) var head = 0
  /// Entries by the names that `branch` gave.
  public internal(set) var branches: [String: Int] = [:]
  /// The most bytes of kept steps.
  public var budget: Int
  /// Bytes of kept steps.
  public private(set) var bytes = 0

  private struct Kept {
    let moment: Moment
    let bytes: Int
  }
  private var kept: [Kept] = []
  private var stride = 1
  private var ordinal = 0

  init(_ start: SessionState, budget: Int) {
    self.budget = budget
    entries = [Entry(id: 0, parent: 0, text: "", group: 0, steps: 0, losses: [], alias: nil, end: start)]
  }

  /// Adds an entry after the head and moves the head to it.
  func add(_ text: String, group: Int, end: SessionState, steps: [SessionState] = [], losses: [Float] = [], alias: Moment? = nil) {
    let id = entries.count
    var entry = Entry(
      id: id, parent: head, text: text, group: group, steps: steps.count, losses: losses, alias: alias, end: steps.isEmpty ? end : nil)
    entry.states = steps
    entries.append(entry)
    entries[head].children.append(id)
    entries[head].lastChild = id
    head = id
    for (i, state) in steps.enumerated() {
      kept.append(Kept(moment: Moment(entry: id, step: i + 1), bytes: state.bytesOfStep))
      bytes += state.bytesOfStep
    }
    thin()
  }

  /// Every second, fourth, eighth … step is kept while the budget is exceeded; the newest few always are.
  private func thin() {
    while bytes > budget && kept.count > 4 && stride < 1 << 30 {
      stride *= 2
      let newest = kept.count - 4
      var stays: [Kept] = []
      for (i, one) in kept.enumerated() {
        if i % 2 == 0 || i >= newest {
          stays.append(one)
        } else {
          entries[one.moment.entry].states[one.moment.step - 1] = nil
          bytes -= one.bytes
        }
      }
      if stays.count == kept.count { return }
      kept = stays
    }
  }

  /// The moment of an entry's end.
  func end(of id: Int) -> Moment { Moment(entry: id, step: entries[id].steps) }

  /// The state at a moment, if it is kept.
  func known(_ moment: Moment) -> SessionState? {
    moment.step == 0 ? entries[moment.entry].end : entries[moment.entry].states[moment.step - 1]
  }

  /// Where training stands at the end of an entry: the nearest training step on the way to the root.
  func trainingMoment(_ id: Int) -> Moment {
    var at = id
    while at != 0 {
      if let alias = entries[at].alias { return alias.step > 0 ? alias : trainingMoment(alias.entry) }
      if entries[at].steps > 0 { return end(of: at) }
      at = entries[at].parent
    }
    return Moment(entry: 0, step: 0)
  }

  /// The moment so many training steps before the end of an entry; nil, with how many there are, if that is too far.
  func back(_ steps: Int, from id: Int) -> (moment: Moment?, there: Int) {
    var at = trainingMoment(id), left = steps, there = 0
    while left > 0 {
      guard at.step > 0 else { return (nil, there) }
      let go = min(left, at.step)
      left -= go
      there += go
      if go < at.step { return (Moment(entry: at.entry, step: at.step - go), there) }
      let before = entries[at.entry].parent
      if left == 0 { return (end(of: before), there) }
      at = trainingMoment(before)
    }
    return (at, there)
  }

  /// The first entry of the group that an entry belongs to: what `undo` goes back before.
  func groupStart(_ id: Int) -> Int {
    var at = id
    while at != 0, entries[at].parent != 0, entries[entries[at].parent].group == entries[at].group { at = entries[at].parent }
    return at
  }

  /// Entries from the root to the head.
  public var path: [Entry] {
    var out: [Entry] = [], at = head
    while at != 0 {
      out.append(entries[at])
      at = entries[at].parent
    }
    return out.reversed()
  }
}
