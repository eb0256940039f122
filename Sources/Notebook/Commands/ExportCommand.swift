import Events
import FileSystem
import Formats
import Options

/// `export`: what was done, as a file that can be run.
public struct ExportCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "export",
    "Writes the lines that led here as a file that graft run runs: .graft, or .md with cells in fences.",
    use: "Formulas stand there as the values they had; what was undone is left out.",
    examples: ["export course.graft", "export course.md", "export course.md over"])

  /// Whether a file that is there is replaced.
  public var over = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<ExportCommand>] {
    [Option("over", \.over, "replace a file that export did not write")]
  }
  /// The file.
  public static var takes: Takes { Takes("FILE.graft | FILE.md", 1...1, isPath: true) }
  private static let mark = "written by export"

  /// No file yet.
  public init() {}

  /// Writes it.
  public func run(_ session: Session) throws -> Done {
    let path = session.path(call.text(0) ?? ""), files = session.surroundings.files
    let isMarkdown = path.lowercased().hasSuffix(".md") || path.lowercased().hasSuffix(".markdown")
    guard isMarkdown || path.lowercased().hasSuffix(".graft") else {
      throw Failure(
        "\(path) ends neither in .graft nor in .md.", cure: "export \(path).graft", place: call.places.first)
    }
    let cells = Self.cells(session.timeline.path)
    guard !cells.isEmpty else { throw Failure("nothing was done yet that could be exported.") }
    if !over, case .file? = try files.kind(at: path), try !files.text(of: path).contains(Self.mark) {
      throw Failure(
        "\(path) is there, and export did not write it.",
        cure: "Another name, or: export \(call.text(0) ?? "") over",
        place: call.places.first)
    }
    let text = isMarkdown ? Self.markdown(cells, session, path) : Self.script(cells, session)
    do { try files.write(path, text: text) } catch let failure as Failure {
      throw failure.at(call.places.first)
    }
    session.writtenAt.insert(session.timeline.head)
    let lines = cells.reduce(0) { $0 + $1.count }
    session.say(
      .code(path)
        + StyledText(
          "   \(counted(lines, "line")) in \(counted(cells.count, "cell")); graft run \(path) runs them"))
    let lost = cells.joined().reduce(0) { $0 + ($1.hasPrefix("#") ? 1 : 0) }
    if lost > 0 {
      session.say(.dim("\(counted(lost, "line")) of them a remark: it needs a result that no line makes"))
    }
    return .unrecorded
  }

  /// The lines of each cell.
  private static func cells(_ path: [Timeline.Entry]) -> [[String]] {
    var cells: [(group: Int, lines: [String])] = []
    for entry in path {
      // A tensor bound from `%` has no line that could make it again.
      let isLost = entry.bound != nil && entry.bound?.value.literal == nil && entry.text.contains("%")
      let line = isLost ? "# " + entry.text : entry.text
      if let last = cells.last, last.group == entry.group {
        cells[cells.count - 1].lines.append(line)
      } else {
        cells.append((entry.group, [line]))
      }
    }
    return cells.map(\.lines)
  }

  private static func script(_ cells: [[String]], _ session: Session) -> String {
    "# \(mark); at the end hash() was \(session.hash())\n" + cells.joined().map { $0 + "\n" }.joined()
  }

  private static func markdown(_ cells: [[String]], _ session: Session, _ path: String) -> String {
    let fences = cells.map { "```graft\n" + $0.map { $0 + "\n" }.joined() + "```\n" }
    return "# \(Path.last(of: path))\n\n<!-- \(mark) -->\n\n" + fences.joined(separator: "\n")
      + "\nAt the end `hash()` was `\(session.hash())`.\n"
  }
}
