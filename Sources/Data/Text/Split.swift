import Options

/// Rows put apart for training, validation and test by a seeded shuffle.
public struct Split: Sendable, Equatable {
  /// The rows that are learnt from.
  public let train: [Int]
  /// The rows by which choices are made, such as of a learning rate.
  public let validation: [Int]
  /// The rows by which the result is measured, once.
  public let test: [Int]

  /// Puts `count` rows apart by their shares, the rest being for training; the same seed gives the same
  /// split.
  public init(count: Int, validation: Double = 0.1, test: Double = 0.1, seed: Int = 0) throws {
    guard validation >= 0, test >= 0, validation + test < 1 else {
      throw Failure(
        "shares of \(validation) for validation and \(test) for test leave nothing to learn from.",
        cure: "Their sum must be below 1.")
    }
    let order = Permutation(count: count, seed: seed).all
    let held = Int(Double(count) * test + 0.5)
    let checked = min(Int(Double(count) * validation + 0.5), order.count - held)
    self.test = Array(order[..<held])
    self.validation = Array(order[held..<held + checked])
    train = Array(order[(held + checked)...])
  }
}

extension Array {
  /// The elements at some places, in the order of the places.
  public func picked(_ places: [Int]) -> [Element] { places.map { self[$0] } }
}
