import Engine
import Events
import Networks
import Options
import Training

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A notebook session: cells go in, events come out. It never prints.
///
/// Kept on one thread; only its `interrupt` may be touched from others.
public final class Session {
  /// The wish to stop, for faces.
  public typealias Interrupt = Engine.Interrupt

  /// Sees every event, in order.
  public var observer: (Event) -> Void
  /// Raised by faces to stop a running cell.
  public let interrupt: Interrupt
  /// How things are shown; commands ask it for the language and digits.
  public var presentation: Presentation
  /// The width that `set width=` asked for; nil: the terminal's.
  public var fixedWidth: Int?
  /// Whether `set plain=yes` asked for no colours and no moving line.
  public var isPlain = false
  /// Whether a face shows progress on a line that moves: text then appears there as it is made.
  public var isLive = false
  /// What the session may do with the outside: where its files are.
  public let surroundings: Surroundings
  /// Commands by purpose: the notebook's own, and those of further catalogs (lessons).
  public internal(set) var groups: [Commands.Group]
  /// All commands but the makers.
  public internal(set) var commands: [any Command.Type]
  /// The tape.
  public internal(set) var timeline: Timeline
  /// The number of the cell that runs, from 1.
  public internal(set) var cell = 0
  /// The corrected line after a "did you mean", to be offered at the next prompt.
  public internal(set) var suggestion: String?
  /// Whether `quit` was asked for.
  public var isOver = false
  /// Whether something was done since the last `save`.
  public var isUnsaved = false
  /// Called with each line that leads on: entries of the tape, moves on it, where a part begins (`Journal`).
  public var journal: ((String) -> Void)?
  /// The file that the session was saved to or loaded from.
  public internal(set) var fileName: String?
  /// Entries at which files were written, which undo leaves as they are.
  var writtenAt: Set<Int> = []
  /// The session that was here before one was loaded.
  private(set) var shelf: (state: SessionState, timeline: Timeline, fileName: String?)?
  /// What other modules keep with a session: the lesson that is being played.
  public var companions: [String: AnyObject] = [:]
  /// What the prompt says besides the number: the lesson and place.
  public var promptNote = ""
  /// A question that waits: the face shows `name> ` and hands the line over as `verb line`.
  public var asking: (name: String, verb: String)?
  /// What an empty line means; nil: nothing.
  public var emptyLine: String?
  /// Single letters that mean a command while a lesson is played: `n` is `next`.
  public var letters: [String: String] = [:]
  /// Names whose values were given from outside: a `let` of such a name keeps the value.
  public internal(set) var given: Set<String> = []
  /// How deep files run files.
  var fileDepth = 0
  /// Whether Ctrl-C kept statements of the cell from running.
  var isCut = false
  /// Whether a cell forgets wishes to stop from before it; a face that does so itself before it reads a line loses no
  /// Ctrl-C that comes between the line and its cell.
  public var startsUninterrupted = true
  /// The longer run that steps are being made for, if any.
  var trainingRun: TrainingRun?
  /// Called after each cell that ran.
  public var afterCell: [(Session) -> Void] = []

  // What commands change, and going back in time restores.
  var subjects: [Subject] = []
  var currentName: String?
  var bindings: [String: Value] = [:]
  /// The seed of everything random.
  public internal(set) var seed: UInt64 = 1
  var snaps: [String: Snap] = [:]
  var watches: [String] = []

  /// The names of running sweeps: seen by formulas, and gone afterwards.
  var locals: [String: Value] = [:]
  /// What is being done again, out of sight.
  private(set) var replay: Replay?
  /// The model that commands spoke of before `@name` in the one that runs.
  var commandCurrent: String?
  private var results: [(cell: Int, value: Value)] = []
  var group = 0
  /// How many blocks stand around the statement that runs.
  var depth = 0

  static let noModel = Failure(
    "there is no model yet.", cure: "let m = gpt base=alphabet   opens a small trained one;   ?gpt tells more"
  )
  static let noData = Failure(
    "there is nothing to train on yet.",
    cure: "task +2   sets a toy task;   ?data tells how to use your own texts")

  /// A session whose events go to an observer.
  public init(
    surroundings: Surroundings = Surroundings(), presentation: Presentation = Presentation(),
    interrupt: Interrupt = Interrupt(), commands further: [any Command.Type] = [],
    observer: @escaping (Event) -> Void
  ) {
    self.observer = observer
    self.interrupt = interrupt
    self.presentation = presentation
    self.surroundings = surroundings
    groups = Commands.groups + (further.isEmpty ? [] : [Commands.Group("lessons", further)])
    commands = Commands.all + further
    let empty = SessionState(subjects: [], current: nil, bindings: [:], seed: 1, snaps: [:], watches: [])
    timeline = Timeline(empty, budget: surroundings.undoMemory)
  }

  // MARK: What commands ask for

  /// Shows something.
  public func emit(_ event: Event) { if replay == nil { observer(event) } }
  /// Shows a line.
  public func say(_ line: StyledText) { emit(.prose(Prose(line))) }

  /// The model that commands speak of.
  public func current() throws -> Subject {
    guard let found = subjects.first(where: { $0.name == currentName }) else { throw Self.noModel }
    return found
  }

  /// The model of a name.
  public func subject(_ name: String) throws -> Subject {
    guard let found = subjects.first(where: { $0.name == name }) else {
      throw unknown("model", name, among: subjects.map(\.name))
    }
    return found
  }

  /// All models, in the order they were made.
  public var models: [Subject] { subjects }
  /// The model that commands speak of, if there is one.
  public var currentSubject: Subject? { subjects.first { $0.name == currentName } }
  /// Training steps that the current model has made; nil without a model.
  public var trainingSteps: Int? { currentSubject?.trainer.state.step }
  /// Names bound by `let`, and those of running sweeps.
  public var boundNames: [String] { Set(bindings.keys).union(locals.keys).sorted() }
  /// What a name is bound to.
  func binding(_ name: String) -> Value? { locals[name] ?? bindings[name] }

  /// Binds a model to its name and makes it the one that commands speak of.
  public func bind(_ subject: Subject) {
    subjects.removeAll { $0.name == subject.name }
    bindings[subject.name] = nil
    subjects.append(subject)
    currentName = subject.name
  }

  /// The chance of what is made now.
  public var chance: Chance { Chance(seed: seed) }

  /// Keeps the value of the running cell for `%`; a hundred are kept.
  func keep(_ value: Value) {
    results.append((cell, value))
    if results.count > 100 { results.removeFirst() }
  }

  /// The result of an expression, by how long ago or by its cell.
  func result(_ reference: Syntax.ResultReference) throws -> Value {
    switch reference {
    case .back(let n):
      guard n >= 1, n <= results.count else {
        throw Failure(
          "there are \(results.count) results so far, none that far back.",
          cure: "An expression makes one: loss()")
      }
      return results[results.count - n].value
    case .entry(let cell):
      guard let found = results.last(where: { $0.cell == cell }) else {
        let known = results.suffix(8).map { "%\($0.cell)" }.joined(separator: " ")
        throw Failure("cell \(cell) left no result.", cure: known.isEmpty ? "" : "The last ones: \(known)")
      }
      return found.value
    }
  }

  /// A fixed sentence in the session's language.
  public func phrase(_ key: String, _ values: String...) -> String {
    Phrases.text(key, presentation.language, values)
  }

  /// Puts another session in the place of this one, which stays at hand; results belonged to this one and go.
  func become(_ state: SessionState, _ timeline: Timeline) throws {
    let old = (capture(), self.timeline, fileName)
    try restore(state)
    shelf = old
    self.timeline = timeline
    results = []
    group = max(group, timeline.entries.map(\.group).max() ?? 0) + 1
    (writtenAt, isUnsaved) = ([], false)
  }

  // MARK: Doing again

  /// Runs something that is done again: nothing is shown, nothing recorded.
  func during(_ replay: Replay, _ body: () throws -> Void) rethrows {
    let outer = (self.replay, locals)
    (self.replay, locals) = (replay, [:])
    defer { (self.replay, locals) = outer }
    try body()
  }

  /// Evaluates a formula given as text; nothing is changed or shown.
  public func value(of text: String) throws -> Value { try Evaluator(self).value(Parser.expression(text)) }

  /// Adds the commands of a further catalog.
  public func add(commands more: [any Command.Type], for purpose: String = "lessons") {
    groups.append(Commands.Group(purpose, more))
    commands += more
  }
}
