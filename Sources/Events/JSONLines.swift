import FileSystem

/// One event a line as JSON: at least `event`, `cell` and `text` (the plain text at 80 columns), and `value`
/// where there is one, then the kind's own fields.
public struct JSONLines: Renderer {
  /// Digits and language of `text`.
  public var presentation: Presentation

  /// JSON whose `text` is 80 columns wide, without colour, not for a screen reader.
  public init(digits: Int = 3, language: Language = .en) {
    presentation = Presentation(width: 80, digits: digits, language: language)
  }

  /// The event as one line.
  public func text(of event: Event, cell: Int) -> String {
    let text = event.lines(presentation).map(\.plain).joined(separator: "\n")
    var members: [(String, JSON)] = [
      ("event", .string(event.kind)), ("cell", .integer(cell)), ("text", .string(text)),
    ]
    if let value = event.value { members.append(("value", value)) }
    return JSON.object(members + event.fields).description + "\n"
  }
}
