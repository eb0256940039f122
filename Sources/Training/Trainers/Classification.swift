import Data
import Engine
import Networks
import Options

/// How well a model that answers in words tells classes apart: each text is tried with every label, and the label
/// whose tokens are likeliest in sum is the answer.
///
///     answer = argmax over labels of Σ log p(token | template with the text, label's tokens before it)
public struct Classification: Sendable, Equatable {
  /// The labels' words, by class.
  public let labels: [String]
  /// The right class of each text.
  public let truth: [Int]
  /// The answer for each text.
  public let predicted: [Int]

  /// From right classes and answers.
  public init(labels: [String], truth: [Int], predicted: [Int]) {
    self.labels = labels
    self.truth = truth
    self.predicted = predicted
  }

  /// The mean over the classes of the share that was found; always saying one class gives 1/classes.
  public var balancedAccuracy: Double { Statistics.balancedAccuracy(truth: truth, predicted: predicted) }
  /// Its 95 % interval: texts of each class drawn again, with replacement.
  public var interval: ClosedRange<Double> {
    Statistics.balancedAccuracyInterval(truth: truth, predicted: predicted)
  }
  /// The share of right answers.
  public var accuracy: Double { Statistics.accuracy(truth: truth, predicted: predicted) }
  /// The most frequent class and its share: the accuracy of always saying it.
  public var majority: (label: String, share: Double)? {
    Statistics.majority(truth).map { (labels[$0.choice], $0.share) }
  }
  /// The balanced accuracy of always saying one class, whichever.
  public var chance: Double { 1 / Double(max(1, Set(truth).count)) }

  /// How many texts of a class there were, and how many of them were found.
  public func found(_ choice: Int) -> (right: Int, of: Int) {
    let all = truth.indices.filter { truth[$0] == choice }
    return (all.reduce(0) { $0 + (predicted[$1] == choice ? 1 : 0) }, all.count)
  }
  /// How often a class was answered.
  public func answered(_ choice: Int) -> Int { predicted.reduce(0) { $0 + ($1 == choice ? 1 : 0) } }
}

extension Classification {
  /// The 95 % interval of the mean balanced accuracy of several runs on the same texts.
  ///
  /// Texts of each class are drawn again with replacement, 2,000 times; each draw takes all runs of a text together,
  /// since runs on the same texts are not independent of each other. The spread among runs is told by their range.
  public static func interval(of runs: [Classification]) -> ClosedRange<Double>? {
    guard let first = runs.first, runs.allSatisfy({ $0.truth == first.truth }), !first.truth.isEmpty else {
      return nil
    }
    let shares = first.truth.indices.map { i in
      runs.reduce(0.0) { $0 + ($1.predicted[i] == $1.truth[i] ? 1 : 0) } / Double(runs.count)
    }
    let classes = Set(first.truth).sorted().map { choice in
      first.truth.indices.filter { first.truth[$0] == choice }.map { shares[$0] }
    }
    let chance = Chance(seed: 95)
    let means = (0..<2000).map { round -> Double in
      let parts = classes.enumerated().map { number, texts -> Double in
        let draws = chance.uniform([texts.count], purpose: "texts of class \(number)", step: round).scalars
        let sum = draws.reduce(0.0) { $0 + texts[min(texts.count - 1, Int($1 * Float(texts.count)))] }
        return sum / Double(texts.count)
      }
      return parts.reduce(0, +) / Double(parts.count)
    }.sorted()
    return means[50]...means[1949]
  }
}
