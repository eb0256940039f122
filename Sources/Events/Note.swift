import FileSystem

/// A remark beside the result, or a warning.
public struct Note: Shown, Sendable, Equatable, ExpressibleByStringInterpolation {
  static let kind = "note"
  /// How much it matters.
  public enum Level: String, Sendable { case note, warning }

  /// How much it matters.
  public var level: Level
  /// What is to be known.
  public var text: StyledText

  /// A note or a warning.
  public init(_ text: StyledText, _ level: Level = .note) {
    self.level = level
    self.text = text
  }
  /// A note.
  public init(stringLiteral value: String) { self.init(StyledText(value)) }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let lead = StyledText(p.phrase("colon", p.phrase(level.rawValue), ""), level == .note ? .dim : .strong)
    return (lead + text).wrapped(to: width, hanging: 2)
  }

  var fields: [(String, JSON)] { [("level", .string(level.rawValue)), ("message", .string(text.plain))] }
}

extension Event {
  /// A warning.
  public static func warning(_ text: StyledText) -> Event { .note(Note(text, .warning)) }
}
