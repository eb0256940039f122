/// An error that teaches: what happened, where, and what to do about it.
///
/// Everything that a person, a file or the network can cause ends in a `Failure`; nothing of that kind traps.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, in one line, with the offending name or figure in it.
  public var what: String
  /// What to do about it, in one line; empty where nothing can be done.
  public var cure: String
  /// Further lines: the choices there are, the shapes that met.
  public var details: [String]
  /// The words concerned, as offsets into the UTF-8 of the line that was typed, where that is known.
  public var place: Range<Int>?

  /// Makes an error from what happened and what to do.
  public init(_ what: String, cure: String = "", details: [String] = [], place: Range<Int>? = nil) {
    self.what = what
    self.cure = cure
    self.details = details
    self.place = place
  }

  /// The same error, pointing at a place unless it already points at one.
  public func at(_ place: Range<Int>?) -> Failure {
    var copy = self
    copy.place = copy.place ?? place
    return copy
  }

  /// All parts as lines of plain text.
  public var description: String {
    ([what] + details + (cure.isEmpty ? [] : [cure])).joined(separator: "\n")
  }
}
