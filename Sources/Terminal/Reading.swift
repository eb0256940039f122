/// What came of asking for a line.
public enum Reading: Equatable, Sendable {
  /// A line without its newline at the end; newlines within come from a paste or from history.
  case line(String)
  /// Ctrl-C: the line, and the cell it belongs to, are given up.
  case interrupted
  /// The end of the input, or a signal that asks the program to leave.
  case end
}
