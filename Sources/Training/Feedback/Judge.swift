import Data
import Engine
import Options

/// Somebody who says which of two answers is better: a rule, a lexicon, a model.
public protocol Judge {
  /// How likely the first of each pair is the better one, as it is shown: first before second.
  func first(_ pairs: [PreferencePair]) throws -> [Double]
}

/// A judge by a reward, who may err, and who may lean to what is shown first.
///
///     P(first) = σ(sharpness·(r(first) − r(second)) + bias + noise·N(0, 1))
public struct RewardJudge: Judge {
  /// What an answer is worth.
  public let reward: any Reward
  /// How much a difference of rewards weighs.
  public var sharpness = 6.0
  /// How much being shown first weighs.
  public var bias = 0.0
  /// The deviation of what the judge adds by chance, anew each time it is asked.
  public var noise = 0.0
  /// The seed of that chance.
  public var seed: UInt64 = 0

  /// A judge without error.
  public init(_ reward: any Reward) { self.reward = reward }

  /// By the difference of the rewards.
  public func first(_ pairs: [PreferencePair]) throws -> [Double] {
    func answer(_ pair: PreferencePair, _ text: String) -> Answer {
      Answer(question: pair.prompt, text: text)
    }
    // A text that stands in many pairs is asked about once.
    let all = pairs.flatMap { [answer($0, $0.chosen), answer($0, $0.rejected)] }
    var places: [[String]: Int] = [:], asked: [Answer] = []
    for one in all where places[[one.question, one.text]] == nil {
      places[[one.question, one.text]] = asked.count
      asked.append(one)
    }
    let known = try reward.scores(asked)
    guard known.count == asked.count else {
      throw Failure("\(reward.line) was asked about \(asked.count) answers and gave \(known.count) numbers.")
    }
    let scores = all.map { known[places[[$0.question, $0.text]] ?? 0] }
    let chance = Chance(seed: seed)
    return pairs.indices.map { i in
      let drawn = noise == 0 ? 0 : chance.normal([1], purpose: pairs[i].chosen + "|" + pairs[i].rejected).item
      return PairEvaluation.sigmoid(
        sharpness * Double(scores[2 * i] - scores[2 * i + 1]) + bias + noise * Double(drawn))
    }
  }
}

/// What a judge says of pairs on which people have spoken: asked in both orders.
public struct Judgement: Sendable, Equatable {
  /// For each pair, whether the people's choice was shown first when the judge was asked once.
  public let isChosenFirst: [Bool]
  /// How likely the people's choice is the better one, when it is shown first, and when it is shown second.
  public let shownFirst: [Double], shownSecond: [Double]
  /// The people's agreement.
  public let agreement: [Double]

  /// From answers that are known.
  public init(isChosenFirst: [Bool], shownFirst: [Double], shownSecond: [Double], agreement: [Double]) {
    (self.isChosenFirst, self.agreement) = (isChosenFirst, agreement)
    (self.shownFirst, self.shownSecond) = (shownFirst, shownSecond)
  }

  /// Asks about every pair twice; which order counts as the one is drawn by the seed.
  public init(_ judge: any Judge, _ pairs: [PreferencePair], seed: UInt64 = 1) throws {
    let one = try judge.first(pairs), two = try judge.first(pairs.map(\.swapped)).map { 1 - $0 }
    guard one.count == pairs.count, two.count == pairs.count else {
      throw Failure("the judge was asked about \(pairs.count) pairs and gave \(one.count) answers.")
    }
    if let i = pairs.indices.first(where: { !one[$0].isFinite || !two[$0].isFinite }) {
      throw Failure(
        "the judge gave no number for “\(pairs[i].chosen.prefix(40))” against “\(pairs[i].rejected.prefix(40))”.",
        cure: "Look at what gives it: is a weight of its model NaN? Nothing was labelled.")
    }
    let chance = Chance(seed: seed)
    self.init(
      isChosenFirst: pairs.indices.map { chance.draw($0, purpose: "order of a pair") < 0.5 },
      shownFirst: one, shownSecond: two, agreement: pairs.map(\.preference.agreement))
  }

  /// How likely the people's choice is the better one, the mean of both orders: a soft label.
  public var both: [Double] { zip(shownFirst, shownSecond).map { ($0 + $1) / 2 } }
  /// Whether the verdict is the same in both orders.
  public var isConsistent: [Bool] { zip(shownFirst, shownSecond).map { ($0 > 0.5) == ($1 >= 0.5) } }

  /// Whether the judge, asked once, chose as people did; one that cannot tell says “the second”.
  private var once: [Bool] {
    isChosenFirst.indices.map { isChosenFirst[$0] ? shownFirst[$0] > 0.5 : shownSecond[$0] >= 0.5 }
  }

  /// Cohen's κ of the judge, asked once, and people, on “the first is better”. Cohen 1960.
  ///
  ///     κ = (p_o − p_e)/(1 − p_e)
  public var kappa: Double {
    let n = Double(max(1, once.count))
    let people = Double(isChosenFirst.filter { $0 }.count) / n
    // It says “first” where it is right on a first, and where it is wrong on a second.
    let judge = Double(zip(once, isChosenFirst).filter { $0 == $1 }.count) / n
    let chance = people * judge + (1 - people) * (1 - judge)
    return chance < 1 ? (share(once) - chance) / (1 - chance) : 0
  }

  private func share(_ values: [Bool]) -> Double {
    Double(values.filter { $0 }.count) / Double(max(1, values.count))
  }

  /// All that is told of it, under the names that formulas know.
  public var figures: [Figure] {
    let first = zip(shownFirst, shownSecond).flatMap { [$0 > 0.5, $1 < 0.5] }
    let steady = isConsistent.indices.filter { isConsistent[$0] }
    return [
      Figure("agreement", share(once)), Figure("kappa", kappa), Figure("first", share(first)),
      Figure("consistent", share(isConsistent)),
      Figure("swapped", share(both.map { $0 > 0.5 })),
      Figure("steady", share(steady.map { both[$0] > 0.5 })),
      Figure("raters", Statistics.mean(agreement)),
    ]
  }
}

extension PairBatches {
  /// What is learnt from, labelled by a judge in place of people; only pairs that it judges the same in both orders where
  /// that is asked. The held-out pairs stay the people's.
  public func labelled(_ judgement: Judgement, onlyConsistent: Bool, seed: Int) throws -> PairBatches {
    let places = training.indices.filter { !onlyConsistent || judgement.isConsistent[$0] }
    let pairs = places.map { place -> PreferencePair in
      let p = judgement.both[place], pair = training[place]
      var own = p >= 0.5 ? pair : pair.swapped
      own.preference = Preference(agreement: max(p, 1 - p), margin: abs(2 * p - 1))
      return own
    }
    return try PairBatches(
      name + ", judged", training: pairs, heldOut: heldOut, task: task, rows: rows, seed: seed)
  }
}
