import CLine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is known of the terminal.
public struct TerminalFacts: Equatable, Sendable {
  /// Whether a person types; otherwise input comes from a pipe or a file.
  public var inputIsTerminal: Bool
  /// Whether a person reads.
  public var outputIsTerminal: Bool
  /// Columns, from 40 to 200.
  public var width: Int
  /// The kind of terminal, `TERM`; `dumb` knows no escape sequences.
  public var term: String
  /// Whether the environment asks for text without colour, by a `NO_COLOR` that is not empty.
  public var noColor: Bool
  /// Whether characters beyond ASCII can be shown.
  public var localeIsUTF8: Bool

  /// Facts as given, for tests.
  public init(
    inputIsTerminal: Bool = false, outputIsTerminal: Bool = false, width: Int = 80, term: String = "dumb",
    noColor: Bool = false, localeIsUTF8: Bool = true
  ) {
    self.inputIsTerminal = inputIsTerminal
    self.outputIsTerminal = outputIsTerminal
    self.width = width
    self.term = term
    self.noColor = noColor
    self.localeIsUTF8 = localeIsUTF8
  }

  /// The facts at this moment.
  public static func now(input: Int32 = 0, output: Int32 = 1) -> TerminalFacts {
    TerminalFacts(
      inputIsTerminal: isatty(input) == 1, outputIsTerminal: isatty(output) == 1, width: width(of: output),
      term: variable("TERM") ?? "dumb", noColor: variable("NO_COLOR").map { !$0.isEmpty } ?? false,
      localeIsUTF8: cline_locale_is_utf8())
  }

  /// Whether escape sequences are understood.
  public var isDumb: Bool { term.isEmpty || term == "dumb" }

  /// Whether colour is wanted and possible.
  public var hasColor: Bool { outputIsTerminal && !noColor && !isDumb }

  /// Columns at this moment, from 40 to 200: of the terminal; without one, of `COLUMNS`; else 80.
  /// Asking costs less than a microsecond, so nobody needs to be told of a change.
  public static func width(of output: Int32 = 1) -> Int {
    var size = winsize()
    var columns = 80
    if ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      columns = Int(size.ws_col)
    } else if let given = variable("COLUMNS").flatMap({ Int($0) }), given > 0 {
      columns = given
    }
    return min(max(columns, 40), 200)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
