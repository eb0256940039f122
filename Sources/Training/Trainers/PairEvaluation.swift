import Data
import Engine
import Networks
import Options

/// How well a reward model, or a policy measured from its reference, puts held-out pairs in order.
///
///     d = r(chosen) − r(rejected)        accuracy = share of d > 0        calibration error = Σ share·|accuracy − mean σ(|d|)|
public struct PairEvaluation: Sendable, Equatable {
  /// The difference of each pair's scores.
  public let differences: [Double]
  /// The preference of each.
  public let preferences: [Preference]

  /// From differences that are known.
  public init(differences: [Double], preferences: [Preference]) {
    (self.differences, self.preferences) = (differences, preferences)
  }

  /// Pairs between two shares of agreement, the upper one left out but at 1.
  public func within(_ low: Double, _ high: Double) -> PairEvaluation {
    let places = preferences.indices.filter {
      let p = preferences[$0].agreement
      return p >= low && (p < high || high >= 1)
    }
    return PairEvaluation(differences: differences.picked(places), preferences: preferences.picked(places))
  }

  /// How many pairs there are.
  public var count: Int { differences.count }
  /// The share in the right order.
  public var accuracy: Double { Double(right) / Double(max(1, count)) }
  /// How many are in the right order.
  public var right: Int { differences.reduce(0) { $0 + ($1 > 0 ? 1 : 0) } }
  /// The mean difference.
  public var margin: Double { Statistics.mean(differences) }
  /// −log σ(d), the mean.
  public var loss: Double { Statistics.mean(differences.map { -Self.logSigmoid($0) }) }
  /// What one more rater pair would reach: the mean agreement.
  public var ceiling: Double { Statistics.mean(preferences.map(\.agreement)) }

  /// How far stated certainty is from the share that is right, over five bands of certainty.
  public var calibrationError: Double {
    var sum = 0.0
    for band in 0..<5 {
      let (low, high) = (0.5 + Double(band) / 10, 0.6 + Double(band) / 10)
      let own = differences.indices.filter {
        let p = Self.sigmoid(abs(differences[$0]))
        return p >= low && (p < high || band == 4)
      }
      guard !own.isEmpty else { continue }
      let share = Double(own.filter { differences[$0] > 0 }.count) / Double(own.count)
      let stated = Statistics.mean(own.map { Self.sigmoid(abs(differences[$0])) })
      sum += Double(own.count) / Double(count) * abs(share - stated)
    }
    return sum
  }

  static func sigmoid(_ x: Double) -> Double { logSigmoid(x).exponential }
  static func logSigmoid(_ x: Double) -> Double { min(x, 0) - (1 + (-abs(x)).exponential).logarithm }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Double {
  fileprivate var exponential: Double { exp(self) }
  fileprivate var logarithm: Double { log(self) }
}

extension PairEvaluation {
  /// Scores all pairs: with a score's head by the model itself, else by β·(log π − log π_ref).
  public init(
    _ model: Model, _ batches: [Batch], beta: Float = 1, isBase: Bool = false, interrupt: Interrupt? = nil
  ) throws {
    var differences: [Double] = [], preferences: [Preference] = []
    for batch in batches {
      if interrupt?.isRaised == true { throw EngineError.interrupted }
      guard let own = batch.preferences else {
        throw Failure("these data have no pairs.", cure: "data pairs FILE")
      }
      func pass() -> Pass { Pass(isBase: isBase, interrupt: interrupt) }
      let scores: [Float]
      if model.network.answers == .rows {
        scores = try model.logits(batch, pass()).scalars
      } else {
        let reference = try model.asReference { try AnswerScores(model, batch, pass()) }
        let policy = try AnswerScores(model, batch, pass())
        scores = try (policy.values - reference.values).sum(axes: [1]).scaled(by: beta).scalars
      }
      let n = own.count
      differences += (0..<n).map { Double(scores[$0]) - Double(scores[n + $0]) }
      preferences += own
    }
    self.init(differences: differences, preferences: preferences)
  }
}
