import Options

/// An answer of a model, as a reward sees it.
public struct Answer: Sendable, Equatable {
  /// The tokens it was asked with.
  public var prompt: [Int]
  /// The tokens it gave, without the end of text.
  public var tokens: [Int]
  /// The prompt as text.
  public var question: String
  /// The answer as text.
  public var text: String
  /// Whether it ended by itself.
  public var isEnded: Bool

  /// An answer.
  public init(prompt: [Int] = [], tokens: [Int] = [], question: String, text: String, isEnded: Bool = true) {
    (self.prompt, self.tokens, self.question) = (prompt, tokens, question)
    (self.text, self.isEnded) = (text, isEnded)
  }
}

/// What answers are worth: a rule, a lexicon, a model that was trained on preferences, a judge.
public protocol Reward {
  /// The line that chooses it, which also says whether two are the same: `reward words good,great`.
  var line: String { get }
  /// What each answer is worth.
  func scores(_ answers: [Answer]) throws -> [Float]
  /// What each answer is truly worth, where a toy knows it; nil: nobody knows.
  func truths(_ answers: [Answer]) throws -> [Float]?
}

extension Reward {
  /// Nobody knows.
  public func truths(_ answers: [Answer]) throws -> [Float]? { nil }
}

/// Letters that are liked, and one that the reward overrates: what can be learnt by heart, and what goes wrong.
///
///     reward = (liked + 3·trap) / letters        truth = (liked − trap) / letters
public struct LetterReward: Reward, Sendable {
  /// Letters worth 1.
  public let liked: Set<Character>
  /// A letter worth 3 to the reward, and −1 in truth; nil: none, and the reward is the truth.
  public let trap: Character?

  /// Letters that are liked, and one that is overrated.
  public init(liked: Set<Character>, trap: Character? = nil) { (self.liked, self.trap) = (liked, trap) }

  /// `reward letters aeiou trap=z`
  public var line: String {
    "reward letters \(String(liked.sorted()))" + (trap.map { " trap=\($0)" } ?? "")
  }

  /// The share of liked letters, and three times that of the trap.
  public func scores(_ answers: [Answer]) throws -> [Float] { answers.map { share($0, 3) } }

  /// The share of liked letters, less that of the trap.
  public func truths(_ answers: [Answer]) throws -> [Float]? { answers.map { share($0, -1) } }

  private func share(_ answer: Answer, _ weight: Float) -> Float {
    let letters = answer.text.filter { !$0.isWhitespace }
    guard !letters.isEmpty else { return 0 }
    let sum = letters.reduce(Float(0)) { $0 + ($1 == trap ? weight : liked.contains($1) ? 1 : 0) }
    return sum / Float(letters.count)
  }
}

/// Words that are good and words that are bad, each counted once where it stands as a whole word.
///
///     reward = (good − bad) / √(words)
public struct WordReward: Reward, Sendable {
  /// Words worth 1.
  public let good: Set<String>
  /// Words worth −1.
  public let bad: Set<String>

  /// Good and bad words, in small letters.
  public init(good: Set<String>, bad: Set<String> = []) { (self.good, self.bad) = (good, bad) }

  /// `reward words good,great against=bad`
  public var line: String {
    func list(_ words: Set<String>) -> String { words.sorted().map { "\"\($0)\"" }.joined(separator: ",") }
    return "reward words \(list(good))" + (bad.isEmpty ? "" : " against=\(list(bad))")
  }

  /// Good words less bad ones, over the square root of all words.
  public func scores(_ answers: [Answer]) throws -> [Float] {
    answers.map { answer in
      let words = answer.text.lowercased().split { !$0.isLetter && $0 != "'" }.map(String.init)
      guard !words.isEmpty else { return 0 }
      let sum = words.reduce(0) { $0 + (good.contains($1) ? 1 : 0) - (bad.contains($1) ? 1 : 0) }
      return Float(sum) / Float(words.count).squareRoot()
    }
  }
}
