import FileSystem

/// Something to be answered, by a letter or in words.
public struct Question: Shown, Sendable, Equatable {
  static let kind = "question"
  /// Its name, such as `lora/2`; may be empty.
  public var id: String
  /// What is asked.
  public var text: StyledText
  /// The answers to choose from, called a, b, c, …; none where words are expected.
  public var choices: [StyledText]

  /// A question.
  public init(_ text: StyledText, choices: [StyledText] = [], id: String = "") {
    self.text = text
    self.choices = choices
    self.id = id
  }

  /// The letter of a choice: a…z, then its number.
  public static func letter(_ index: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    return letters.indices.contains(index) ? String(letters[index]) : "\(index + 1)"
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let lead: StyledText = id.isEmpty ? "" : .dim(id) + "  "
    let asked = (lead + text).wrapped(to: width, hanging: lead.columns)
    let items = choices.enumerated().map { StyledText("(\(Question.letter($0))) ") + $1 }
    let inOneLine = flow(items, width: width)
    if inOneLine.count <= 1, !p.reader, inOneLine.allSatisfy({ $0.columns <= width }) {
      return asked + inOneLine
    }
    return asked + items.flatMap { $0.wrapped(to: width, hanging: 4) }
  }

  var fields: [(String, JSON)] {
    let answers = choices.enumerated().map {
      JSON.object([("letter", .string(Question.letter($0))), ("text", .string($1.plain))])
    }
    return [("id", .string(id)), ("question", .string(text.plain)), ("choices", .array(answers))]
  }
}
