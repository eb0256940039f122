/// Where lines come from: a person at a terminal, or a pipe.
///
/// What is typed while a cell runs waits in the terminal and is read afterwards; Ctrl-C throws it away, as
/// the terminal does everywhere.
public protocol LineSource: AnyObject {
  /// Asks for the next line. `cell` is what was already typed of the same cell, for completion.
  func read(prompt: String, after cell: String) -> Reading
  /// Keeps a whole cell for the next time, where there is a history.
  func remember(_ cell: String)
}

extension LineSource {
  /// Asks for the first line of a cell.
  public func read(prompt: String) -> Reading { read(prompt: prompt, after: "") }
  /// Keeps nothing.
  public func remember(_ cell: String) {}
}
