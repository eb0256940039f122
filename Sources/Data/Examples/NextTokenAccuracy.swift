/// The share of tokens that were predicted rightly: over all that count, and over the first of each row.
///
/// On the alphabet the first prediction is the guess of the skill; all later ones can be read off the
/// letters.
public struct NextTokenAccuracy: Sendable, Equatable {
  /// Right predictions among all that count.
  public private(set) var right = 0
  /// Predictions that count.
  public private(set) var counted = 0
  /// Right predictions among the first of each row.
  public private(set) var firstRight = 0
  /// Rows with a prediction that counts.
  public private(set) var firstCounted = 0

  /// Nothing counted yet.
  public init() {}

  /// Adds a batch's predictions, [rows][columns], aligned with its targets.
  public mutating func add(predictions: [[Int]], targets: [[Int]]) {
    for (row, wanted) in zip(predictions, targets) {
      add(zip(row, wanted).filter { $1 != Example.ignored }.map { $0 == $1 })
    }
  }

  /// Adds a row: whether each of the tokens that count was predicted.
  public mutating func add(_ hits: [Bool]) {
    right += hits.count { $0 }
    counted += hits.count
    guard let isHit = hits.first else { return }
    firstRight += isHit ? 1 : 0
    firstCounted += 1
  }

  /// The share of right predictions; NaN where none counts.
  public var overall: Double { Double(right) / Double(counted) }
  /// The share of right first predictions; NaN where none counts.
  public var first: Double { Double(firstRight) / Double(firstCounted) }
}
