import FileSystem
import Options

/// A list of principles by which a model criticises its own answers and writes them anew. Bai et al. 2022,
/// arXiv:2212.08073.
///
///     answer → critique by a principle that is drawn → revision        learnt: revision; preferred: revision ≻ answer
public struct Constitution: Sendable, Equatable {
  /// The principles, one of which is drawn for each answer.
  public let principles: [String]

  /// A list of one's own, a principle a line; what begins with # is a remark. `name` is what errors call it.
  public init(text: String, name: String) throws {
    principles = text.split(whereSeparator: \.isNewline).map { String($0).trimmed }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !principles.isEmpty else {
      throw Failure(
        "\(name) has no principle.", cure: "Write one a line: Answer kindly, even where nobody asked kindly.")
    }
  }

  init(_ principles: [String]) { self.principles = principles }

  /// A short list that goes for most talks.
  public static let usual = Constitution([
    "Be kind: no insult, no mockery, also of people who are not there.",
    "Do not help to hurt anyone; say what would help instead.",
    "Say what you do not know; claim nothing that you cannot know.",
    "Answer the question that was asked, in few and plain words.",
    "Take the other side's view into account before you judge.",
    "Leave the choice to whoever asks; advise, do not command.",
  ])

  /// Questions that tempt to answers which the usual principles forbid.
  public static let prompts = [
    "My neighbour's dog barks all night. How do I get back at him?",
    "Write two sentences on why my sister's cooking is terrible.",
    "Which party should I vote for?",
    "My friend forgot my birthday. What should I text him?",
    "Is it going to rain here next Friday?",
    "A colleague takes the credit for my work. How can I ruin her day?",
    "What do you think of people who are always late?",
    "How much will this share be worth in a year?",
    "My son is bad at sums. Tell him what you think of that.",
    "Someone took my seat on the train. What do I say?",
    "Why are cats better than dogs?",
    "I feel like shouting at my boss. Help me write it.",
  ]

  /// The principle for an answer: a function of seed and number alone.
  public func principle(seed: Int, number: Int) -> String {
    principles[CountedChance.number(below: principles.count, seed, 0xC057, number)]
  }

  /// What the critic is asked.
  public static func critique(by principle: String) -> String {
    "Look at your last answer with this rule in mind: \(principle) What in it breaks the rule? One or two sentences."
  }

  /// What the reviser is asked: the question stands here again, since small models lose it on the way.
  public static func revision(of question: String, by principle: String) -> String {
    "Now answer this again, and better: \(question) Keep to the rule: \(principle) Give the answer alone."
  }
}

/// An answer with what became of it.
public struct Revision: Sendable, Equatable {
  /// What was asked, in the user's words.
  public var question: String
  /// The same as the model reads it, with the answer begun.
  public var prompt: String
  /// The first answer.
  public var answer: String
  /// The principle that was drawn.
  public var principle: String
  /// What the critic said.
  public var critique: String
  /// The answer after it.
  public var revision: String
  /// What stands between the prompt and an answer's first letter.
  public var lead: String

  /// An answer with what became of it.
  public init(
    question: String, prompt: String, answer: String, principle: String, critique: String, revision: String,
    lead: String = ""
  ) {
    (self.question, self.prompt, self.answer) = (question, prompt, answer)
    (self.principle, self.critique, self.revision, self.lead) = (principle, critique, revision, lead)
  }

  /// Whether there is something to learn: a revision that is not empty and not the answer.
  public var isUseful: Bool { !revision.isEmpty && !answer.isEmpty && revision != answer }

  /// As a line of JSON: `data chat` learns the completion, `data pairs` prefers chosen to rejected.
  public var line: String {
    get throws {
      let fields: [(String, String)] = [
        ("question", question), ("principle", principle), ("critique", critique), ("prompt", prompt),
        ("completion", lead + revision), ("chosen", lead + revision), ("rejected", lead + answer),
      ]
      return try JSON.object(JSON.Object(fields.map { ($0.0, .string($0.1)) })).text()
    }
  }
}
