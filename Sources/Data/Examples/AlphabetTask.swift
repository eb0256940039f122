import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rows of letters that go on by a fixed step: `egikmoqsuwyacegi` is skill +2. After z comes a.
///
/// With several skills the first letter does not tell which one is meant, so no model can do better on
/// average than the entropy of the skills at the first prediction and 0 at the others: ln 4 / 15 for four
/// even skills.
public struct AlphabetTask: Sendable, Equatable {
  /// The steps, each as likely as the others; one that comes twice is twice as likely.
  public let skills: [Int]
  /// Letters in a row.
  public let length: Int
  /// The seed of the rows.
  public let seed: Int

  /// The skills of the base: +1 +2 +3 −1.
  public static let baseSkills = [1, 2, 3, -1]

  /// A task from its skills.
  public init(skills: [Int] = AlphabetTask.baseSkills, length: Int = 16, seed: Int = 0) throws {
    guard !skills.isEmpty else { throw Failure("the alphabet needs a skill.", cure: "For example: task +2") }
    guard (2...4096).contains(length) else {
      throw Failure("rows of \(length) letters cannot be.", cure: "length is from 2 to 4096.")
    }
    self.skills = skills
    self.length = length
    self.seed = seed
  }

  /// A skill as it is typed: `+2`, `5`, `-1`, `−1`.
  public static func skill(_ text: String) throws -> Int {
    let plain = text.hasPrefix("−") ? "-" + text.dropFirst() : text
    guard let step = Int(plain), (-25...25).contains(step), step != 0 else {
      throw Failure(
        "“\(text)” is no skill.", cure: "A skill is a step along the alphabet: +2, -1, +5, up to 25.")
    }
    return step
  }

  /// The skills as they are typed: `+1 +2 +3 −1`.
  public var name: String { skills.map { $0 < 0 ? "−\($0.magnitude)" : "+\($0)" }.joined(separator: " ") }

  /// What reads the letters.
  public var tokenizer: CharacterTokenizer { .alphabet }

  /// The row of a skill from a start letter (0–25).
  public static func row(start: Int, skill: Int, length: Int) -> [Int] {
    // Reduced first, so that no product can overflow.
    let step = wrapped(skill)
    return (0..<length).map { wrapped(wrapped(start) + $0 * step) }
  }

  /// Row `index` of the endless stream that belongs to the seed.
  public func example(_ index: Int) -> Example {
    let start = CountedChance.number(below: 26, seed, index, 0)
    let skill = CountedChance.number(below: skills.count, seed, index, 1)
    return example(start: start, choice: skill)
  }

  /// The rows of step `step`, counted from 0: a pure function.
  public func examples(step: Int, rows: Int) -> [Example] {
    let first = max(0, step) * max(0, rows)
    return (first..<first + max(0, rows)).map { example($0) }
  }

  /// Every row there is, once: 26 start letters for each skill.
  public var whole: [Example] {
    skills.indices.flatMap { skill in (0..<26).map { example(start: $0, choice: skill) } }
  }

  /// The least mean loss that any model can reach, in nats: H(skill) / (length − 1).
  public var lossFloor: Double {
    let shares = Dictionary(grouping: skills) { AlphabetTask.wrapped($0) }.values
      .map { Double($0.count) / Double(skills.count) }.sorted()
    return shares.reduce(0) { $0 - $1 * log($1) } / Double(length - 1)
  }

  private func example(start: Int, choice: Int) -> Example {
    let ids = AlphabetTask.row(start: start, skill: skills[choice], length: length)
    return Example(allOf: ids, choice: choice)
  }

  private static func wrapped(_ letter: Int) -> Int { ((letter % 26) + 26) % 26 }
}

extension Example {
  /// A row that is known not to be empty, every token but the first carrying loss.
  init(allOf ids: [Int], choice: Int?) {
    self.ids = ids
    labels = [Example.ignored] + ids.dropFirst()
    self.choice = choice
  }
}
