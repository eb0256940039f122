import FileSystem
import Formats
import Options

/// What the learner has done, as one text file: a line for each step, safe to read, copy and merge by hand.
///
///     lora/2  5f3a9c01  right  1  0  2026-11-24
///     id      content   result tries hints date
public struct Progress {
  /// What came of a step.
  public enum Result: String, Sendable, CaseIterable {
    /// Predicted rightly, or a task done.
    case right, done
    /// Predicted wrongly, then seen.
    case wrong
    /// Not answered.
    case passed, skipped
    /// Written down.
    case written
  }

  /// A line.
  public struct Entry: Sendable, Equatable {
    /// A hash of the step's text: another one means that the step has changed since.
    public var content: String
    /// What came of it.
    public var result: String
    /// How often it was tried.
    public var tries: Int
    /// How many hints were read.
    public var hints: Int
    /// The day.
    public var date: String
  }

  /// Lines by step.
  public private(set) var entries: [String: Entry] = [:]
  /// The step to go on with, by lesson.
  public private(set) var places: [String: Int] = [:]
  private let path: String
  private let files: any Files

  /// Reads the file; one that is missing is an empty one, and lines that cannot be read are left alone.
  public init(path: String, files: any Files) {
    self.path = path
    self.files = files
    guard (try? files.exists(path)) == true, let text = try? files.text(of: path) else { return }
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 6, let tries = Int(words[3]), let hints = Int(words[4]) {
        entries[words[0]] = Entry(
          content: words[1], result: words[2], tries: tries, hints: hints, date: words[5])
      } else if words.count == 3, words[0] == "at", let step = Int(words[2]) {
        places[words[1]] = step
      }
    }
  }

  /// Notes what came of a step and writes the file anew, aside and renamed.
  public mutating func note(_ id: String, _ entry: Entry) throws {
    entries[id] = entry
    try write()
  }

  /// Notes where a lesson stands.
  public mutating func place(_ lesson: String, _ step: Int) throws {
    guard places[lesson] != step else { return }
    places[lesson] = step
    try write()
  }

  private func write() throws {
    var lines = [
      "# Graft: progress in lessons. id, content, result, tries, hints, date; or: at, lesson, step."
    ]
    lines += entries.sorted { $0.key < $1.key }.map { id, e in
      "\(id) \(e.content) \(e.result) \(e.tries) \(e.hints) \(e.date)"
    }
    lines += places.sorted { $0.key < $1.key }.map { "at \($0.key) \($0.value)" }
    try files.makeFolders(Path.parent(of: path))
    try files.write(path, text: lines.joined(separator: "\n") + "\n")
  }
}
