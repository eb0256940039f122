import CLine

/// What can stand at the cursor.
public struct Completion: Equatable, Sendable {
  /// The bytes of the UTF-8 text that a candidate replaces: up to the cursor, or beyond it.
  public var range: Range<Int>
  /// The replacements, in the order in which they are listed; any characters may be in them.
  public var candidates: [String]
  /// Whether a space follows when there is only one; after `r=` or a folder it would be in the way.
  public var appendSpace: Bool

  /// Candidates for a range of the text.
  public init(range: Range<Int>, candidates: [String], appendSpace: Bool = true) {
    self.range = range
    self.candidates = candidates
    self.appendSpace = appendSpace
  }
}

/// Answers what can stand at an offset of a cell typed so far: `text` is the whole cell, `cursorUTF8` counts
/// bytes.
public typealias Completer = (_ text: String, _ cursorUTF8: Int) -> Completion

/// Carries questions from readline's callback to a completer. A C callback captures nothing, so this object
/// travels as its context.
final class CompletionDesk {
  var completer: Completer?
  /// The lines of the same cell that were entered before.
  var before = ""

  /// Makes this desk the one that readline asks.
  func open() {
    cline_set_completer(answerReadline, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Ends that, unless another desk has opened since.
  func close() { cline_drop_completer(Unmanaged.passUnretained(self).toOpaque()) }

  func answer(line: String, cursor: Int, into matches: OpaquePointer?) {
    guard let completer else { return }
    let offset = before.utf8.count
    let completion = completer(before + line, offset + cursor)
    let lower = completion.range.lowerBound - offset
    guard lower >= 0, lower <= cursor else { return }
    let upper = completion.range.upperBound - offset
    cline_matches_place(matches, Int32(lower), Int32(max(upper, cursor)), completion.appendSpace)
    var seen: Set<String> = []
    for candidate in completion.candidates where seen.insert(candidate).inserted {
      cline_matches_add(matches, candidate)
    }
  }
}

/// A function, not a closure: it belongs to no actor, whatever calls it.
private func answerReadline(
  _ context: UnsafeMutableRawPointer?, _ line: UnsafePointer<CChar>?, _ cursor: Int32,
  _ matches: OpaquePointer?
) {
  guard let context, let line else { return }
  let desk = Unmanaged<CompletionDesk>.fromOpaque(context).takeUnretainedValue()
  desk.answer(line: String(cString: line), cursor: Int(cursor), into: matches)
}
