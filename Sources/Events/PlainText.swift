/// Text without any escape: for files, pipes, tests, `NO_COLOR` and screen readers.
public struct PlainText: Renderer {
  /// Width, digits, language.
  public var presentation: Presentation

  /// Text for a presentation.
  public init(_ presentation: Presentation = Presentation()) { self.presentation = presentation }

  /// The event as lines.
  public func text(of event: Event, cell: Int = 0) -> String {
    event.lines(presentation).map { $0.plain + "\n" }.joined()
  }
}
