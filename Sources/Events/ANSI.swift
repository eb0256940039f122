/// The same characters as `PlainText`, with styles as colours where the presentation allows them.
public struct ANSI: Renderer {
  /// Width, colour, digits, language.
  public var presentation: Presentation

  /// Text for a terminal.
  public init(_ presentation: Presentation = Presentation(colour: true)) { self.presentation = presentation }

  /// The event as lines; every line ends with its colours off.
  public func text(of event: Event, cell: Int = 0) -> String {
    guard presentation.colour else { return PlainText(presentation).text(of: event) }
    return event.lines(presentation).map { ANSI.coloured($0) + "\n" }.joined()
  }

  /// One line with its colours.
  public static func coloured(_ text: StyledText) -> String {
    text.runs.map { run in
      let code = ANSI.code(run.style)
      return code.isEmpty ? run.text : "\u{1b}[\(code)m\(run.text)\u{1b}[0m"
    }.joined()
  }

  /// Colours that can be read on light and on dark.
  private static func code(_ style: StyledText.Style) -> String {
    switch style {
    case .plain: return ""
    case .strong: return "1"
    case .code: return "36"
    case .dim: return "2"
    case .good: return "32"
    case .bad: return "31"
    }
  }
}
