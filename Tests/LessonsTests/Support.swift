import Events
import FileSystem
import Formats
import Notebook
import Options

@testable import Lessons

/// A small lesson with one of everything, quick to run.
let sample = """
  ---
  id: small
  title: A small lesson
  minutes: 1
  seed: 3
  aha: the hash is the same
  ---
  # Heading

  Some prose that goes
  over two lines.

  ```graft
  gpt vocab=26 ctx=24 dim=16 heads=2 layers=1
  task +2
  attach lora r=2
  ```

  ```{predict} id=small/1
  Does it change the output?
  - a: yes   -> B is zero.
  - b: no
  answer: b
  because: B is zero.
  ```

  ```{expect}
  maxdiff(logits(@m), logits(@m.base)) == 0
  ```

  ```graft {fails}
  attach nothing
  ```

  ```{do} id=small/2
  Make three steps.
  check: step() == 3
  misconception: step() > 3 -> Too many.
  hint: step
  hint: step 3
  answer: step 3
  ```

  ```{explain} id=small/3
  Why?
  author: Because.
  ```

  The end.
  """

/// A library of lessons in memory.
func library(_ texts: [String: String], chinese: [String: String] = [:]) throws -> LessonLibrary {
  let files = MemoryFiles()
  for (folder, all) in [("en", texts), ("zh-Hans", chinese)] {
    try files.makeFolders("lessons/" + folder)
    for (name, text) in all { try files.write("lessons/\(folder)/\(name)", text: text) }
  }
  return LessonLibrary(folder: "lessons", files: files)
}

/// A session with a player of the sample, and all text it showed.
final class Player {
  let session: Session
  let player: LessonPlayer
  let files = MemoryFiles()
  private(set) var events: [Event] = []

  init(_ library: LessonLibrary) throws {
    player = LessonPlayer(library: library, progress: Progress(path: "state/progress.txt", files: files)) {
      "2026-11-24"
    }
    session = Session { _ in }
    session.observer = { [weak self] in self?.events.append($0) }
    player.join(session)
  }

  @discardableResult
  func type(_ line: String) -> String {
    events = []
    session.execute(line)
    return events.map { $0.lines(Presentation()).map(\.plain).joined(separator: "\n") }.joined(
      separator: "\n")
  }

  var progress: String { (try? files.text(of: "state/progress.txt")) ?? "" }
}
