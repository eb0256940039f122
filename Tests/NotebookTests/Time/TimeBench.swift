import Data
import Engine
import Events
import FileSystem
import Formats
import Methods
import Networks
import Options
import Testing

@testable import Notebook

/// A session whose lines can be run one after the other, with what it showed.
final class TimeBench {
  let session: Session
  private(set) var events: [Event] = []

  /// With a small model and a task, unless told otherwise.
  init(undoMemory: Int = 64 << 20, files: any Files = .memory, places: Places? = nil, _ lines: String...)
    throws
  {
    Threads.shared.count = 1
    var sink: (Event) -> Void = { _ in }
    let nowhere = Places(data: "/nowhere/data", state: "/nowhere/state")
    session = Session(
      surroundings: Surroundings(places: places ?? nowhere, files: files, undoMemory: undoMemory)
    ) { sink($0) }
    sink = { [unowned self] in events.append($0) }
    for line in lines { try run(line) }
  }

  /// Over a session that is there.
  init(_ session: Session) throws {
    Threads.shared.count = 1
    self.session = session
    session.observer = { [unowned self] in events.append($0) }
  }

  /// The usual small model and task.
  static func small(undoMemory: Int = 64 << 20, _ more: String...) throws -> TimeBench {
    let bench = try TimeBench(
      undoMemory: undoMemory, "let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8")
    for line in more { try bench.run(line) }
    return bench
  }

  /// The first small model that a method can sit on, with a task of its own.
  static func small(for method: String, undoMemory: Int = 64 << 20, _ more: String...) throws -> TimeBench {
    for lines in [
      ["let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8"],
      ["let m = gpt layers=1 dim=8 heads=2 ctx=16 classes=2", "task +1,+2 rows=4 length=8"],
    ] {
      let bench = try TimeBench(undoMemory: undoMemory)
      for line in lines { try bench.run(line) }
      let model = try bench.session.current().model
      func isFit<M: TuningMethod>(_: M.Type) -> Bool { (try? M().supports(model)) != nil }
      guard try isFit(Methods.named(method)) else { continue }
      for line in more { try bench.run(line) }
      return bench
    }
    throw Failure("no small model supports \(method)")
  }

  /// Runs a cell; fails the test if it fails.
  @discardableResult
  func run(_ line: String, at place: SourceLocation = #_sourceLocation) throws -> String {
    events = []
    let isDone = session.execute(line)
    #expect(isDone, "\(line): \(text)", sourceLocation: place)
    return text
  }

  /// Runs a cell that must fail, and gives the error.
  func failure(_ line: String, at place: SourceLocation = #_sourceLocation) throws -> Failure {
    events = []
    #expect(!session.execute(line), "\(line) should fail", sourceLocation: place)
    for case .error(let view) in events { return view.failure }
    throw Failure("\(line) showed no error")
  }

  /// What was shown by the last cell.
  var text: String { PlainText(Presentation(width: 200)).text(of: events) }
  /// The session's hash.
  var hash: String { session.hash() }
  /// Losses of all steps so far, as training remembers them.
  var losses: [Float] { session.currentSubject?.trainer.state.losses.values ?? [] }
}

extension PlainText {
  func text(of events: [Event]) -> String { events.map { text(of: $0, cell: 1) }.joined(separator: "\n") }
}
