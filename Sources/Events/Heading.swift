import FileSystem

/// The title of what follows.
public struct Heading: Shown, Sendable, Equatable, ExpressibleByStringInterpolation {
  static let kind = "heading"
  /// The words.
  public var text: StyledText
  /// What stands after it, such as a place or a time; dim.
  public var aside: String

  /// A heading, with an aside or without.
  public init(_ text: String, aside: String = "") {
    self.text = .strong(text)
    self.aside = aside
  }
  /// A heading without an aside.
  public init(stringLiteral value: String) { self.init(value) }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    [aside.isEmpty ? text : text + "   " + .dim(aside)]
  }

  var fields: [(String, JSON)] {
    [("title", .string(text.plain))] + (aside.isEmpty ? [] : [("aside", .string(aside))])
  }
}
