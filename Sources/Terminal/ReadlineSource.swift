import CLine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lines edited with GNU readline: `.inputrc`, history, completion, Ctrl-C, bracketed paste.
///
/// Readline keeps its state for the whole process and calls back on the calling thread: make one source, and
/// use it on the main thread only.
public final class ReadlineSource: LineSource {
  private let desk = CompletionDesk()
  private let file: HistoryFile?
  private var recalled: String?
  private var written: String?

  /// Why the history cannot be kept, if it cannot; asking for lines works all the same.
  public private(set) var historyProblem: String?

  /// Starts readline. `name` is what `.inputrc` may ask for by `$if`; without `history` nothing is kept on
  /// disk.
  public init(name: String = "graft", history: String? = nil) {
    file = history.map { HistoryFile($0) }
    cline_start(name)
    desk.open()
    cline_history_start(Int32(HistoryFile.most))
    guard let file else { return }
    do {
      for entry in try file.load() { recall(entry) }
    } catch {
      historyProblem = "\(error)"
    }
    written = recalled
  }

  deinit { desk.close() }

  /// What the Tab key offers.
  public var completer: Completer? {
    get { desk.completer }
    set { desk.completer = newValue }
  }

  /// Shows the prompt, whose escape sequences may be bare, and lets the user edit a line.
  public func read(prompt: String, after cell: String) -> Reading {
    desk.before = cell
    var outcome: Int32 = 0
    guard let text = cline_read(ReadlineSource.marked(prompt), &outcome) else {
      return outcome == Int32(CLINE_INTERRUPTED.rawValue) ? .interrupted : .end
    }
    defer { free(text) }
    return .line(String(cString: text))
  }

  /// Adds a cell, as one entry, to what ↑ recalls and to the file; nothing over 64 KB, no repetition of the
  /// last.
  public func remember(_ cell: String) {
    guard HistoryFile.holds(cell) else { return }
    recall(cell)
    guard cell != written, let file, historyProblem == nil else { return }
    do {
      try file.append(cell)
      written = cell
    } catch {
      historyProblem = "\(error)"
    }
  }

  /// Puts a corrected line at the user's fingertips: ↑ recalls it, or it stands at the next prompt already.
  public func offer(_ line: String, typed: Bool = false) {
    if HistoryFile.holds(line) { recall(line) }
    if typed { cline_pretype(line) }
  }

  private func recall(_ entry: String) {
    guard entry != recalled else { return }
    recalled = entry
    cline_history_add(entry)
  }

  /// The prompt with its escape sequences between the marks that tell readline that they have no width.
  static func marked(_ prompt: String) -> String {
    var out = String.UnicodeScalarView()
    var rest = Substring(prompt).unicodeScalars
    while let scalar = rest.first {
      let escape = EscapeSequence.length(at: rest)
      if escape > 0 {
        out.append("\u{1}")
        out.append(contentsOf: rest.prefix(escape))
        out.append("\u{2}")
        rest = rest.dropFirst(escape)
      } else {
        out.append(scalar)
        rest = rest.dropFirst()
      }
    }
    return String(out)
  }
}
