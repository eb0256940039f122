import Data
import Engine
import Networks
import Options

/// What a model said to prompts, and what came of it: answers, then scores, then advantages.
public struct Experience {
  /// How far it has come.
  public enum Phase: String, Sendable, Comparable, CaseIterable {
    /// Answers and their log-probabilities are there.
    case rollout
    /// What answers are worth is known.
    case score
    /// What each token is to be made likelier by is known.
    case advantages

    /// In the order of the work.
    public static func < (a: Phase, b: Phase) -> Bool {
      (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
  }

  /// How far it has come.
  public internal(set) var phase = Phase.rollout
  /// The answers, as rewards see them.
  public let answers: [Answer]
  /// Answers a prompt: rows i·group ..< (i + 1)·group answer the same one.
  public let group: Int
  /// Prompts and answers side by side; the answers' tokens carry loss.
  public let batch: Batch
  /// Tokens of each answer, its end included.
  public let lengths: [Int]
  /// log π of each token when it was drawn, [rows, longest].
  public let old: Tensor
  /// log π of the reference, [rows, longest]; that of the policy itself where nobody asked for one.
  public let reference: Tensor
  /// What the value head expects before each token, [rows, longest]; 0 without a head.
  public let values: Tensor
  /// The mean entropy of the predictions, in nats.
  public let entropy: Double
  /// What each answer is worth.
  public internal(set) var scores: [Float] = []
  /// What each answer is truly worth, where that is known.
  public internal(set) var truths: [Float]?
  /// What each token is to be made likelier by, [rows, longest].
  public var advantages = Tensor.zeros([0, 0])
  /// What the value head shall expect, [rows, longest].
  public var returns = Tensor.zeros([0, 0])
  /// Numbers to watch.
  public var figures: [Figure] = []

  /// Tokens of the longest answer.
  public var longest: Int { old.shape[1] }
  /// How many answers there are.
  public var rows: Int { answers.count }
  /// The share of answers that are the commonest one.
  var sameness: Double {
    let counts = Dictionary(grouping: answers, by: \.tokens).values.map(\.count)
    return Double(counts.max() ?? 0) / Double(max(1, rows))
  }
  /// 1 for tokens of answers, 0 behind them, [rows, longest].
  public var mask: Tensor { get throws { try AnswerScores.mask(lengths, longest) } }

  /// An experience from parts that are known: for tests against reference numbers.
  init(
    answers: [Answer], group: Int, batch: Batch, lengths: [Int], old: Tensor, reference: Tensor,
    values: Tensor,
    entropy: Double = 0
  ) {
    (self.answers, self.group, self.batch, self.lengths) = (answers, group, batch, lengths)
    (self.old, self.reference, self.values, self.entropy) = (old, reference, values, entropy)
  }

  /// Draws answers: a function of model, prompts, chance and step alone.
  public init(
    _ model: Model, _ prompts: [[Int]], _ drawing: Drawing, head: ValueHead?, wantsReference: Bool,
    chance: Chance, step: Int, interrupt: Interrupt? = nil
  ) throws {
    var sampling = Sampling()
    sampling.temperature = drawing.temperature
    sampling.seed = chance.seed ^ Chance.stream("rollout", step: step)
    sampling.stops = Set(model.words?.end.map { [$0] } ?? [])
    let asked = prompts.flatMap { Array(repeating: $0, count: drawing.samples) }
    let said = try model.generate(asked, count: drawing.tokens, sampling, interrupt: interrupt)
    try interrupt?.check()
    guard said.allSatisfy({ !$0.isEmpty }) else {
      throw Failure(
        "the context is full: there is no room for an answer.", cure: "Give fewer tokens: prompt=4")
    }
    let rows = try zip(asked, said).map { prompt, answer in
      try Example(ids: prompt + answer, labels: prompt.map { _ in Example.ignored } + answer)
    }
    let batch = try Batch(rows, pad: model.words?.end ?? 0)
    func pass() -> Pass { Pass(chance: chance, step: step, interrupt: interrupt) }
    let policy = try AnswerScores(
      model, batch, pass(), temperature: drawing.temperature, wantsEntropy: true, wantsStates: head != nil)
    let reference =
      wantsReference
      ? try model.asReference { try AnswerScores(model, batch, pass(), temperature: drawing.temperature) }
        .values
      : policy.values
    let shape = [rows.count, policy.longest]
    self.init(
      answers: zip(asked, said).map { Answer(model, $0, $1) }, group: drawing.samples, batch: batch,
      lengths: policy.lengths, old: policy.values, reference: reference,
      values: try policy.states.flatMap { try head?.values($0).reshaped(shape) } ?? .zeros(shape),
      entropy: policy.entropy)
  }

  /// With what the answers are worth; an answer that did not end is worth less by `penalty`.
  public func scored(by reward: any Reward, penalty: Float = 0) throws -> Experience {
    var copy = self
    let scores = try reward.scores(answers)
    guard scores.count == rows else {
      throw Failure("\(reward.line) was asked about \(rows) answers and gave \(scores.count) numbers.")
    }
    if let wrong = scores.firstIndex(where: { !$0.isFinite }) {
      throw Failure(
        "the reward of “\(answers[wrong].text.prefix(40))” is no finite number.",
        cure: "Look at what gives it: \(reward.line)")
    }
    copy.scores = zip(scores, answers).map { $1.isEnded ? $0 : $0 - penalty }
    copy.truths = try reward.truths(answers)
    copy.phase = .score
    return copy
  }
}

extension Answer {
  /// An answer with its text, the end of text left out.
  init(_ model: Model, _ prompt: [Int], _ said: [Int]) {
    let isEnded = said.last == model.words?.end && model.words?.end != nil
    let tokens = isEnded ? said.dropLast() : said[...]
    self.init(
      prompt: prompt, tokens: Array(tokens), question: model.words?.decode(prompt) ?? "",
      text: model.words?.decode(Array(tokens)) ?? "", isEnded: isEnded)
  }
}
