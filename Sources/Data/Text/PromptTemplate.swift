import Options

/// A text with places for a row's fields: `Tweet: {text} Label: {label}`.
///
/// `{text}` comes once, `{label}` once and last. A single space before a place goes with what is put there,
/// since byte-pair tokens begin with their space: what is learnt is “ positive” after “Label:”.
public struct PromptTemplate: Sendable, Equatable {
  /// As it was typed.
  public let source: String
  /// What stands before the text, the text's own space left out.
  public let head: String
  /// What stands between text and label, the label's own space left out.
  public let tail: String
  /// The space, if any, that goes with the text.
  let textSpace: String
  /// The space, if any, that goes with the label.
  let labelSpace: String

  /// The template of the tweets.
  public static let tweets = PromptTemplate(
    source: "Tweet: {text} Label: {label}", head: "Tweet:", tail: " Label:", textSpace: " ", labelSpace: " ")

  private init(source: String, head: String, tail: String, textSpace: String, labelSpace: String) {
    self.source = source
    self.head = head
    self.tail = tail
    self.textSpace = textSpace
    self.labelSpace = labelSpace
  }

  /// A template from its text; throws where a place is missing, unknown, twice there or in the wrong order.
  public init(_ source: String) throws {
    let pieces = try PromptTemplate.pieces(source)
    let names = pieces.map(\.place)
    guard names == ["text", "label", ""], pieces[2].before.isEmpty else {
      throw Failure(
        "the template “\(source)” must hold {text} once, then {label} once, and end there.",
        cure: "For example: template=\"Tweet: {text} Label: {label}\"")
    }
    func space(_ text: String) -> String { text.hasSuffix(" ") ? " " : "" }
    let (first, second) = (pieces[0].before, pieces[1].before)
    self.init(
      source: source, head: String(first.dropLast(space(first).count)),
      tail: String(second.dropLast(space(second).count)), textSpace: space(first), labelSpace: space(second))
  }

  /// The row as one text, for showing.
  public func filled(text: String, label: String) -> String {
    head + textSpace + text + tail + labelSpace + label
  }

  /// Literal text and the name of the place after it; the last has no place.
  private static func pieces(_ source: String) throws -> [(before: String, place: String)] {
    var pieces: [(before: String, place: String)] = []
    var rest = source[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw Failure("a “{” of the template “\(source)” is never closed.", cure: "Write {text} and {label}.")
      }
      let name = String(rest[rest.index(after: open)..<close])
      guard ["text", "label"].contains(name) else {
        throw unknown("place", "{\(name)}", among: ["{text}", "{label}"])
      }
      pieces.append((String(rest[..<open]), name))
      rest = rest[rest.index(after: close)...]
    }
    return pieces + [(String(rest), "")]
  }
}
