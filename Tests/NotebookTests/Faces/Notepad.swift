import Events
import FileSystem
import Formats
import Options

@testable import Notebook

/// A session for tests of help, completion and files: lines go in, plain text comes out.
final class Notepad {
  let session: Session
  private(set) var events: [Event] = []

  init(
    width: Int = 80, reader: Bool = false, files: any Files = .memory,
    source: @escaping (String) -> String? = { _ in nil }
  ) {
    let surroundings = Surroundings(
      places: .init(data: "/data", state: "/state"), files: files, source: source)
    session = Session(surroundings: surroundings, presentation: Presentation(width: width, reader: reader)) {
      _ in
    }
    session.observer = { [unowned self] in events.append($0) }
  }

  /// A notepad with a tiny model and a task.
  static func tiny(width: Int = 80, reader: Bool = false) -> Notepad {
    let pad = Notepad(width: width, reader: reader)
    pad.run("gpt layers=2 dim=8 heads=2 ctx=16", "task +2 rows=2 length=8")
    return pad
  }

  /// Runs cells and gives their text.
  @discardableResult
  func run(_ cells: String...) -> String {
    let first = events.count
    for cell in cells { session.execute(cell) }
    return text(events[first...])
  }

  /// Events as plain text.
  func text(_ events: ArraySlice<Event>) -> String {
    let renderer = PlainText(session.presentation)
    return events.map { renderer.text(of: $0) }.joined()
  }

  /// The errors since an event.
  func errors(since first: Int = 0) -> [FailureView] {
    events[first...].compactMap { if case .error(let view) = $0 { view } else { nil } }
  }
}
