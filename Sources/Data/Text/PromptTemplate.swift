import Options

/// A text with places for a row's fields: `Tweet: {text} Label: {label}`.
///
/// `{text}` comes once, `{label}` once and last. A single space before a place goes with what is put there,
/// since byte-pair tokens begin with their space: what is learnt is “ positive” after “Label:”.
///
/// Places `{prompt}` before the label, as many as one likes, are for a method's vectors; to everybody else they are not
/// there, and nor is a space before them (or behind those that begin the template).
public struct PromptTemplate: Sendable {
  /// As it was typed.
  public let source: String
  /// What stands before the text, the text's own space left out.
  public let head: String
  /// What stands between text and label, the label's own space left out.
  public let tail: String
  /// `head` and `tail` in the pieces between which vectors may be put; one piece where there is no place for them.
  public let pieces: (head: [String], tail: [String])
  /// The space, if any, that goes with the text.
  let textSpace: String
  /// The space, if any, that goes with the label.
  let labelSpace: String

  /// The template of the tweets.
  public static let tweets = PromptTemplate(
    source: "Tweet: {text} Label: {label}", head: ["Tweet:"], tail: [" Label:"], textSpace: " ",
    labelSpace: " ")

  private init(source: String, head: [String], tail: [String], textSpace: String, labelSpace: String) {
    self.source = source
    self.head = head.joined()
    self.tail = tail.joined()
    pieces = (head, tail)
    self.textSpace = textSpace
    self.labelSpace = labelSpace
  }

  /// A template from its text; throws where a place is missing, unknown, twice there or in the wrong order.
  public init(_ source: String) throws {
    let read = try PromptTemplate.pieces(source)
    let names = read.map(\.place).filter { $0 != "prompt" }
    guard names == ["text", "label", ""], read.last?.before.isEmpty == true,
      let end = read.firstIndex(where: { $0.place == "label" })
    else {
      throw Failure(
        "the template “\(source)” must hold {text} once, then {label} once, and end there.",
        cure: "For example: template=\"Tweet: {text} Label: {label}\"")
    }
    guard !read[end...].contains(where: { $0.place == "prompt" }) else {
      throw Failure(
        "a {prompt} of the template “\(source)” stands behind {label}: the answer would be given before it.",
        cure: "Places {prompt} stand before {label}.")
    }
    var parts: [[String]] = [[""]], spaces: [String] = [], isStart = true
    for (before, place) in read[...end] {
      var text = before[...]
      if isStart, parts[0].count > 1, text.hasPrefix(" ") { text = text.dropFirst() }
      isStart = isStart && text.isEmpty && place == "prompt"
      let space = text.hasSuffix(" ") ? " " : ""
      parts[parts.count - 1][parts[parts.count - 1].count - 1] += text.dropLast(space.count)
      if place == "prompt" {
        parts[parts.count - 1].append("")
      } else {
        spaces.append(space)
        parts.append([""])
      }
    }
    self.init(source: source, head: parts[0], tail: parts[1], textSpace: spaces[0], labelSpace: spaces[1])
  }

  /// How many places for a method's vectors there are.
  public var slots: Int { pieces.head.count + pieces.tail.count - 2 }

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
      guard ["text", "label", "prompt"].contains(name) else {
        throw unknown("place", "{\(name)}", among: ["{text}", "{label}", "{prompt}"])
      }
      pieces.append((String(rest[..<open]), name))
      rest = rest[rest.index(after: close)...]
    }
    return pieces + [(String(rest), "")]
  }
}

extension PromptTemplate: Equatable {
  /// Templates are their text.
  public static func == (a: PromptTemplate, b: PromptTemplate) -> Bool { a.source == b.source }
}
