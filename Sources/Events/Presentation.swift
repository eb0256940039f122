/// How events are shown: everything that a renderer may ask about the place and the person.
public struct Presentation: Sendable, Equatable {
  /// The widths that text is made for.
  public static let widths = 40...200

  /// Columns of a line, 40 to 200.
  public var width: Int { didSet { width = Presentation.clamped(width) } }
  /// Whether styles may become colours.
  public var colour: Bool
  /// Whether bars, plots and marks may leave ASCII. Letters of the data are shown as they are either way.
  public var unicode: Bool
  /// Whether a screen reader reads: tables as "name: value", plots as a sentence, no drawing.
  public var reader: Bool
  /// Significant digits of numbers.
  public var digits: Int
  /// The language of fixed words.
  public var language: Language

  /// A presentation; the width is brought into 40…200 and the digits into 1…17.
  public init(
    width: Int = 80, colour: Bool = false, unicode: Bool = true, reader: Bool = false, digits: Int = 3,
    language: Language = .en
  ) {
    self.width = Presentation.clamped(width)
    self.colour = colour
    self.unicode = unicode
    self.reader = reader
    self.digits = min(max(digits, 1), 17)
    self.language = language
  }

  private static func clamped(_ width: Int) -> Int { min(max(width, widths.lowerBound), widths.upperBound) }
}

extension Presentation {
  /// What the environment asks for.
  ///
  /// Colour needs a terminal, a `TERM` other than `dumb` and no `NO_COLOR`; `GRAFT_READER` is for screen
  /// readers; `LC_ALL`, then `LC_CTYPE` or `LC_MESSAGES`, then `LANG` give the character set and the
  /// language; `COLUMNS` goes before the `columns` that the terminal reported.
  public init(environment: [String: String], isTerminal: Bool, columns: Int? = nil) {
    func first(_ names: String...) -> String {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    }
    let term = first("TERM")
    let charset = first("LC_ALL", "LC_CTYPE", "LANG").lowercased()
    let reader = ["1", "on", "yes", "true"].contains(first("GRAFT_READER").lowercased())
    let given = Int(first("COLUMNS")).flatMap { $0 > 0 ? $0 : nil }
    let reported = isTerminal ? columns.flatMap { $0 > 0 ? $0 : nil } : nil
    self.init(
      width: given ?? reported ?? 80,
      colour: isTerminal && !term.isEmpty && term != "dumb" && first("NO_COLOR").isEmpty,
      unicode: charset.hasSuffix("utf-8") || charset.hasSuffix("utf8") || charset.contains("utf-8@")
        || charset.contains("utf8@"),
      reader: reader,
      language: first("LC_ALL", "LC_MESSAGES", "LANG").hasPrefix("zh") ? .zhHans : .en)
  }

  /// A number in this presentation's digits.
  func number(_ x: Double) -> String { formatted(x, digits: digits) }

  /// A fixed word or sentence in this presentation's language, `{1}` `{2}` filled in.
  func phrase(_ key: String, _ values: String...) -> String { Phrases.text(key, language, values) }
}
