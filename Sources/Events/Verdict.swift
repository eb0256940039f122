import FileSystem

/// Right or wrong, and why: a mark, the word for it, a sentence.
public struct Verdict: Shown, Sendable, Equatable {
  static let kind = "verdict"
  /// How it came out.
  public enum Outcome: String, Sendable {
    case right, wrong
    /// Not answered, by choice.
    case passed = "passed over"
  }

  /// How it came out.
  public var outcome: Outcome
  /// Its name, such as `lora/2`; may be empty.
  public var id: String
  /// The fact that was shown, or the reason.
  public var sentence: StyledText

  /// A verdict with its reason.
  public init(_ outcome: Outcome, _ sentence: StyledText, id: String = "") {
    self.outcome = outcome
    self.id = id
    self.sentence = sentence
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let word = p.phrase(outcome.rawValue)
    let mark = p.reader ? "" : outcome == .right ? "✔ " : outcome == .wrong ? "✘ " : "– "
    let style: StyledText.Style = outcome == .right ? .good : outcome == .wrong ? .bad : .dim
    let head = StyledText(mark + word, style) + (id.isEmpty ? "" : "  " + StyledText.dim(id))
    if sentence.isEmpty { return [head] }
    return (head + "  " + sentence).wrapped(to: width, hanging: mark.isEmpty ? 0 : 2)
  }

  var value: JSON? { outcome == .passed ? .null : .bool(outcome == .right) }

  var fields: [(String, JSON)] {
    [("id", .string(id)), ("outcome", .string(outcome.rawValue)), ("sentence", .string(sentence.plain))]
  }
}
