/// One line of text in runs of a style, free of anything that could steer a terminal.
///
///     "trainable " + .strong("1,536") + .dim(" of 41,184")
public struct StyledText: Sendable, Equatable, ExpressibleByStringInterpolation, CustomStringConvertible {
  /// What a run is, as a word; colours follow from it, meaning never rests on it alone.
  public enum Style: String, Sendable { case plain, strong, code, dim, good, bad }

  /// A piece in one style.
  public struct Run: Sendable, Equatable {
    /// The characters, with control characters already written out.
    public let text: String
    /// What the run is.
    public let style: Style
  }

  /// The pieces in order.
  public private(set) var runs: [Run] = []

  /// One piece; control characters are written out (`\n`, `\u{1b}`).
  public init(_ text: String, _ style: Style = .plain) {
    if !text.isEmpty { runs = [Run(text: visible(text), style: style)] }
  }

  /// Plain text.
  public init(stringLiteral value: String) { self.init(value) }

  /// Text in which `**…**` is strong and a pair of backquotes encloses code; all else stands as it is.
  public init(marked text: String) {
    var rest = text[...], plain = ""
    while let character = rest.first {
      let mark = rest.hasPrefix("**") ? "**" : character == "`" ? "`" : ""
      let inner = rest.dropFirst(mark.count)
      if !mark.isEmpty, let end = inner.closing(mark) {
        self += StyledText(plain)
        plain = ""
        self += StyledText(String(inner[..<end]), mark == "`" ? .code : .strong)
        rest = inner[end...].dropFirst(mark.count)
      } else {
        plain.append(character)
        rest = rest.dropFirst()
      }
    }
    self += StyledText(plain)
  }

  /// Text that matters most on its line.
  public static func strong(_ text: String) -> StyledText { StyledText(text, .strong) }
  /// Something that could be typed or stands in a file.
  public static func code(_ text: String) -> StyledText { StyledText(text, .code) }
  /// An aside.
  public static func dim(_ text: String) -> StyledText { StyledText(text, .dim) }
  /// Something as it should be; the words say so too.
  public static func good(_ text: String) -> StyledText { StyledText(text, .good) }
  /// Something that went wrong; the words say so too.
  public static func bad(_ text: String) -> StyledText { StyledText(text, .bad) }

  /// The characters without the styles.
  public var plain: String { runs.map(\.text).joined() }
  /// The characters without the styles.
  public var description: String { plain }
  /// Whether there is nothing in it.
  public var isEmpty: Bool { runs.isEmpty }
  /// Terminal columns it takes.
  public var columns: Int { runs.reduce(0) { $0 + Events.columns(of: $1.text) } }

  /// One text after the other.
  public static func + (left: StyledText, right: StyledText) -> StyledText {
    var out = left
    out += right
    return out
  }

  /// Adds a text at the end.
  public static func += (left: inout StyledText, right: StyledText) {
    for run in right.runs {
      if let last = left.runs.last, last.style == run.style {
        left.runs[left.runs.count - 1] = Run(text: last.text + run.text, style: run.style)
      } else {
        left.runs.append(run)
      }
    }
  }

  /// The same runs, their characters changed one for one.
  func mapped(_ change: (String) -> String) -> StyledText {
    var out = StyledText("")
    out.runs = runs.map { Run(text: change($0.text), style: $0.style) }
    return out
  }
}

extension [StyledText] {
  /// The texts in one line, with another between them.
  public func joined(_ between: StyledText = "") -> StyledText {
    guard let first else { return "" }
    return dropFirst().reduce(first) { $0 + between + $1 }
  }
}

extension Substring {
  /// Where the mark that closes the text from here on begins; strong text touches both its marks.
  fileprivate func closing(_ mark: String) -> Index? {
    guard let first, mark == "`" || first != " " else { return nil }
    return indices.dropFirst().first {
      self[$0...].hasPrefix(mark) && (mark == "`" || self[index(before: $0)] != " ")
    }
  }
}
