/// Lines of text with light emphasis.
public struct Prose: Shown, Sendable, Equatable, ExpressibleByStringInterpolation {
  static let kind = "prose"
  /// The lines; long ones are wrapped between words.
  public var lines: [StyledText]
  /// Whether lines are never wrapped.
  var isWhole = false

  /// Text from lines.
  public init(_ lines: [StyledText]) { self.lines = lines }
  /// One line.
  public init(_ line: StyledText) { lines = [line] }
  /// A line that is never wrapped: one that is to be copied, or looked for, as it stands.
  public init(whole line: String) { (lines, isWhole) = ([StyledText(line)], true) }
  /// Plain text, a line for every line break.
  public init(text: String) { lines = Prose.split(text).map { StyledText($0) } }
  /// Text with `**strong**` and backquoted code, a line for every line break.
  public init(marked text: String) { lines = Prose.split(text).map { StyledText(marked: $0) } }
  /// Plain text, a line for every line break.
  public init(stringLiteral value: String) { self.init(text: value) }

  func lines(_ p: Presentation, width: Int) -> [StyledText] { lines }

  private static func split(_ text: String) -> [String] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { line in
      String(line.flatMap { $0 == "\t" ? "  " : String($0) })
    }
  }
}
