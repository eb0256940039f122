import Options
import Training

/// The tape: what was done, as a tree. An entry is a command that changed something; a training entry also knows the
/// state after each of its steps.
///
/// Undo moves the head to the parent, a new command adds a child: nothing that was done is ever lost. States are kept
/// within a budget (`KeptStates`); a missing one is made again from the nearest before it, exactly.
public final class Timeline {
  /// An entry of the tape.
  public struct Entry {
    /// Its number, from 1; 0 is the empty session.
    public let id: Int
    /// The entry it was done after.
    public let parent: Int
    /// What was done, as a full line that can be typed; formulas in it are replaced by their values.
    public internal(set) var text = ""
    /// Statements of one cell share a group, and are undone together.
    public internal(set) var group = 0
    /// The loss after each training step in it.
    public internal(set) var losses: [Float] = []
    /// The model that it trained, where it did.
    public internal(set) var subject: String?
    /// For `step -n`: the moment that it went back to.
    public internal(set) var alias: Moment?
    /// For `let NAME = formula`: the name and what it was bound to.
    var bound: (name: String, value: Value)?
    /// What an evaluation at its end found, for entries that train.
    var evaluation: Evaluation?
    /// Numbers of the entries done after it, oldest first.
    public internal(set) var children: [Int] = []
    /// The child that the head last came from.
    public internal(set) var lastChild: Int?
    /// The state at its end, unless it trained.
    var end: SessionState?
    /// The state after each of its training steps, where it is kept.
    var states: [SessionState?] = []

    /// Training steps in it.
    public var steps: Int { losses.count }

    init(id: Int, parent: Int) { (self.id, self.parent) = (id, parent) }
  }

  /// A point in time: the state after a step of a training entry (step 1 …), or after any other entry (step 0).
  public struct Moment: Hashable, Sendable {
    /// The entry.
    public let entry: Int
    /// The step in it.
    public let step: Int
  }

  /// What has to be done again to reach a moment from a state that is kept: steps `from` + 1 … `to` of an entry, or
  /// the whole of an entry that does not train, or what follows the way back of a `step -n`.
  struct Leg {
    let entry: Int
    let from: Int
    let to: Int
  }

  /// All entries; the number is the index.
  public private(set) var entries: [Entry]
  /// The entry that the session stands at.
  public private(set) var head = 0
  /// Entries by the names that `branch` gave.
  public internal(set) var branches: [String: Int] = [:]
  /// The most bytes that kept states may take beside what the session holds anyway.
  public var budget: Int { didSet { thin() } }
  private var kept = KeptStates()
  private var isOpen = false

  init(_ start: SessionState, budget: Int) {
    self.budget = budget
    entries = [Entry(id: 0, parent: 0)]
    entries[0].end = start
  }

  /// Bytes that kept states take beside what the session holds anyway.
  public var bytes: Int { max(0, kept.bytes - MemoryLedger.bytes(of: known(end(of: head)))) }

  // MARK: Adding

  /// Keeps the state after a training step of the entry that is being made.
  func keepStep(_ state: SessionState, loss: Float) {
    if !isOpen {
      entries.append(Entry(id: entries.count, parent: head))
      isOpen = true
    }
    let id = entries.count - 1
    entries[id].states.append(state)
    entries[id].losses.append(loss)
    kept.add(state, at: Moment(entry: id, step: entries[id].steps), isStep: true)
    thin()
  }

  /// Forgets the steps of the entry that is being made: its command failed.
  func forget() {
    guard isOpen else { return }
    for (i, state) in entries[entries.count - 1].states.enumerated().reversed() {
      if let state { kept.remove(state, at: Moment(entry: entries.count - 1, step: i + 1)) }
    }
    entries.removeLast()
    isOpen = false
  }

  /// Adds an entry after the head, with the steps kept since the last one, and moves the head to it.
  func add(_ text: String, group: Int, end: SessionState, _ fill: (inout Entry) -> Void = { _ in }) {
    if !isOpen { entries.append(Entry(id: entries.count, parent: head)) }
    isOpen = false
    let id = entries.count - 1
    entries[id].text = text
    entries[id].group = group
    fill(&entries[id])
    entries[head].children.append(id)
    entries[head].lastChild = id
    head = id
    let last = Moment(entry: id, step: entries[id].steps)
    if let old = known(last) { kept.remove(old, at: last) }
    if last.step > 0 { entries[id].states[last.step - 1] = end } else { entries[id].end = end }
    kept.add(end, at: last, isStep: last.step > 0)
    thin()
  }

  /// Adds an entry without a state, as a saved session knows it.
  func addSaved(_ text: String, after parent: Int, group: Int, losses: [Float], _ fill: (inout Entry) -> Void)
  {
    let id = entries.count
    entries.append(Entry(id: id, parent: parent))
    entries[id].text = text
    entries[id].group = group
    entries[id].losses = losses
    entries[id].states = Array(repeating: nil, count: losses.count)
    fill(&entries[id])
    entries[parent].children.append(id)
    entries[parent].lastChild = id
  }

  /// Puts the head at an entry of a saved tape.
  func stand(at id: Int) { head = id }

  /// Says which child redo goes to from an entry of a saved tape.
  func setNext(_ child: Int, of id: Int) { entries[id].lastChild = child }

  /// Keeps the state of the head's end, which was not kept.
  func keepHead(_ state: SessionState) {
    let moment = end(of: head)
    guard head != 0, known(moment) == nil else { return }
    if moment.step > 0 { entries[head].states[moment.step - 1] = state } else { entries[head].end = state }
    kept.add(state, at: moment, isStep: moment.step > 0)
  }

  /// Forgets all entries after the first so many, and puts the head back among those that stay.
  func cut(to count: Int, head: Int, lastChild: Int?) {
    forget()
    while entries.count > count {
      let entry = entries.removeLast()
      for (i, state) in entry.states.enumerated().reversed() {
        if let state { kept.remove(state, at: Moment(entry: entry.id, step: i + 1)) }
      }
      if let end = entry.end { kept.remove(end, at: Moment(entry: entry.id, step: 0)) }
      entries[entry.parent].children.removeAll { $0 == entry.id }
      if entries[entry.parent].lastChild == entry.id { entries[entry.parent].lastChild = nil }
      branches = branches.filter { $0.value != entry.id }
    }
    self.head = head
    entries[head].lastChild = lastChild
  }

  /// Moves the head; redo will come back to where it was.
  func moveHead(to id: Int) {
    var at = head
    while at != 0 {
      entries[entries[at].parent].lastChild = at
      at = entries[at].parent
    }
    head = id
  }

  private func thin() {
    guard kept.bytes > budget else { return }
    // While an entry is being made, the session stands at its newest step.
    kept.thin(to: budget, standing: end(of: isOpen ? entries.count - 1 : head), in: self)
  }

  /// Forgets the state of a moment.
  func drop(_ moment: Moment) {
    if moment.step > 0 {
      entries[moment.entry].states[moment.step - 1] = nil
    } else {
      entries[moment.entry].end = nil
    }
  }

  // MARK: Asking

  /// The moment of an entry's end.
  func end(of id: Int) -> Moment { Moment(entry: id, step: entries[id].steps) }

  /// The state at a moment, if it is kept.
  func known(_ moment: Moment) -> SessionState? {
    moment.step == 0 ? entries[moment.entry].end : entries[moment.entry].states[moment.step - 1]
  }

  /// The nearest kept state before a moment (or at it), and what was done from there.
  func way(to moment: Moment) -> (start: SessionState?, legs: [Leg]) {
    var legs: [Leg] = [], at = moment
    while true {
      if let state = known(at) { return (state, legs.reversed()) }
      let entry = entries[at.entry]
      if let alias = entry.alias {
        legs.append(Leg(entry: entry.id, from: 0, to: 0))
        at = alias
      } else if at.step > 0 {
        let from = entry.states[..<(at.step - 1)].lastIndex { $0 != nil }.map { $0 + 1 } ?? 0
        legs.append(Leg(entry: entry.id, from: from, to: at.step))
        at = from > 0 ? Moment(entry: entry.id, step: from) : end(of: entry.parent)
      } else if entry.id == 0 {
        return (nil, legs.reversed())
      } else {
        legs.append(Leg(entry: entry.id, from: 0, to: 0))
        at = end(of: entry.parent)
      }
    }
  }

  /// Where training stands at the end of an entry: the nearest training step on the way to the root.
  func trainingMoment(_ id: Int) -> Moment {
    var at = id
    while at != 0 {
      if let alias = entries[at].alias {
        if alias.step > 0 { return alias }
        at = alias.entry
      } else if entries[at].steps > 0 {
        return end(of: at)
      } else {
        at = entries[at].parent
      }
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
    while at != 0, entries[at].parent != 0, entries[entries[at].parent].group == entries[at].group {
      at = entries[at].parent
    }
    return at
  }

  /// Entries from the root to the head.
  public var path: [Entry] { path(to: head) }

  /// Entries from the root to one of them.
  func path(to id: Int) -> [Entry] {
    var out: [Entry] = [], at = id
    while at != 0 {
      out.append(entries[at])
      at = entries[at].parent
    }
    return out.reversed()
  }

  /// The entries that made the state at the head: those of the path, without what `step -n` went back over.
  var effectivePath: [Entry] {
    var out: [Entry] = [], at = head
    while at != 0 {
      if let alias = entries[at].alias {
        at = alias.entry
      } else {
        out.append(entries[at])
        at = entries[at].parent
      }
    }
    return out.reversed()
  }
}
