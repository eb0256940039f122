import Data
import Engine
import Events
import Networks
import Options
import Training

/// `reward`: what a model's own answers are worth.
public struct RewardCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "reward", "Says what the model's own answers are worth, for trainers that learn from them.",
    formula: """
      letters: (liked + 3·trap)/letters, in truth (liked − trap)/letters        words: (good − bad)/√words
      model: r(prompt + answer), one score        asks: log p(label 1) − log p(label 2) after a question
      similarity: cos(e(text), e(toward)) − cos(e(text), e(away)), e a mean of states: see embed
      """,
    use: "Set it before trainer ppo, grpo, rloo or best makes steps. Alone it shows what is set.",
    examples: [
      "reward letters aeiou", "reward letters aeiou trap=z", "reward words good,great against=bad,awful",
      "reward lexicon", "reward model r", "reward asks m labels=\" positive\",\" negative\"",
      "reward similarity e toward=\"warm and pleased\" away=\"cold and bitter\"",
    ],
    notes: [
      "trap= is a letter that the reward overrates and the truth does not: what happens when nothing holds the model.",
      "model names a model of this notebook with classes=1, trained on pairs by trainer reward.",
      "asks is direct RLAIF: a model's own label probabilities are the reward (Lee et al. 2023, arXiv:2309.00267).",
    ], changes: true)

  /// A letter that the reward overrates; empty: none.
  public var trap = ""
  /// Words that count against an answer.
  public var against: [String] = []
  /// What a model is asked about an answer.
  public var template = ""
  /// The two answers of a model that is asked.
  public var labels: [String] = []
  /// Whether a model is asked in a talk.
  public var chat = false
  /// What an answer shall be near to, and far from.
  public var toward = "", away = ""
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<RewardCommand>] {
    [
      Option("trap", \.trap, "for letters: one that is worth 3 to the reward and −1 in truth"),
      Option("against", \.against, "for words: those worth −1"),
      Option("template", \.template, "for asks: the question, with {text}"),
      Option("labels", \.labels, "for asks: the good answer and the bad one"),
      Option("chat", \.chat, "for asks: the question is the user's turn of a talk"),
      Option("toward", \.toward, "for similarity: what an answer shall be near to"),
      Option("away", \.away, "for similarity: what it is told from"),
    ]
  }
  /// The kind, and its letters, words or model.
  public static var takes: Takes {
    Takes("[letters LETTERS | words WORDS | lexicon | model NAME | asks NAME | similarity NAME | off]", 0...2)
    {
      before, session in
      before.isEmpty
        ? kinds
        : ["asks", "similarity"].contains(before.first)
          ? session.models.map(\.name)
          : before == ["model"]
            ? session.models.filter { $0.model.network.answers == .rows }.map(\.name) : []
    }
  }
  private static let kinds = ["letters", "words", "lexicon", "model", "asks", "similarity", "off"]

  /// Nothing yet.
  public init() {}

  /// Sets or shows it.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    guard let kind = call.text(0) else {
      session.say(subject.trainer.state.reward.map { .code($0.line) } ?? .dim("no reward is set: ?reward"))
      return .unrecorded
    }
    let reward = kind == "off" ? nil : try make(kind, session)
    subject.trainer.state.reward = reward
    session.say(reward.map { .dim("an answer's worth: ") + .code($0.line) } ?? .dim("no reward any more"))
    return Done()
  }

  private func make(_ kind: String, _ session: Session) throws -> any Reward {
    guard let found = try reward(kind, session) else {
      throw unknown("kind of reward", kind, among: Self.kinds).at(call.places.first)
    }
    return found
  }

  /// The reward of a kind; nil where there is none of the name.
  func reward(_ kind: String, _ session: Session) throws -> (any Reward)? {
    switch kind {
    case "letters":
      let letters = Set(try word("letters", "aeiou"))
      guard trap.isEmpty || trap.count == 1 else {
        throw Failure("trap=\(trap) is not one letter.", cure: "For example trap=z")
      }
      return LetterReward(liked: letters, trap: trap.first)
    case "words":
      guard call.words.count > 1 else {
        throw Failure("reward words needs words.", cure: "reward words good,great against=bad")
      }
      let words = call.words[1].elements.map { ($0.asText ?? $0.description).lowercased() }
      return WordReward(good: Set(words), bad: Set(against.map { $0.lowercased() }))
    case "lexicon": return Lexicon.reward
    case "model": return try ModelReward(session.subject(word("model", "r")))
    case "asks":
      return try AskedModel(
        session.subject(word("asks", "m")), template: template, labels: labels, isTalk: chat)
    case "similarity":
      return try SimilarityReward(session.subject(word("similarity", "e")), toward: toward, away: away)
    default: return nil
    }
  }

  private func word(_ kind: String, _ example: String) throws -> String {
    guard let found = call.text(1), !found.isEmpty else {
      throw Failure("reward \(kind) needs what it goes by.", cure: "reward \(kind) \(example)")
    }
    return found
  }
}

/// The score of a model of the notebook that was trained on pairs.
struct ModelReward: Reward {
  private let subject: Subject

  init(_ subject: Subject) throws {
    guard subject.model.network.answers == .rows, subject.model.network.head.width.out == 1 else {
      throw Failure(
        "\(subject.name) does not answer with one score.", cure: "let r = gpt base=reviews classes=1")
    }
    self.subject = subject
  }

  var line: String { "reward model \(subject.name)" }

  func scores(_ answers: [Answer]) throws -> [Float] {
    let task = PairTask(
      context: subject.model.size(subject.model.architecture.sizes.context) ?? 64,
      tokenizer: subject.tokenizer)
    let rows = try answers.map {
      try task.examples(PreferencePair(prompt: $0.question, chosen: $0.text, rejected: "")).chosen
    }
    return try stride(from: 0, to: rows.count, by: 32).flatMap { start in
      let batch = try Batch(
        rows[start..<min(start + 32, rows.count)].map { $0 }, pad: subject.tokenizer.filler)
      return try subject.model.logits(batch, Pass()).scalars
    }
  }
}
