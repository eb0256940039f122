/// Which examples each step takes: every example once an epoch, each epoch in an order of its own.
///
/// The indices of step k are a pure function of k, so that going back in time needs no memory of it.
public struct Sampler: Sendable, Equatable {
  /// How many examples there are.
  public let count: Int
  /// How many a step takes.
  public let rows: Int
  /// The seed of the orders.
  public let seed: Int

  /// A sampler over `count` examples, `rows` of them a step.
  public init(count: Int, rows: Int, seed: Int) {
    self.count = max(0, count)
    self.rows = max(1, rows)
    self.seed = seed
  }

  /// The indices of a step, counted from 0; a batch may reach over the end of an epoch into the next.
  public func indices(step: Int) -> [Int] {
    guard count > 0 else { return [] }
    let first = max(0, step) * rows
    var epoch = first / count
    var order = Permutation(count: count, seed: seed, round: epoch)
    return (first..<first + rows).map { place in
      if place / count != epoch {
        epoch = place / count
        order = Permutation(count: count, seed: seed, round: epoch)
      }
      return order[place % count]
    }
  }

  /// Steps that all examples make, the last one counted by its share.
  public var epoch: Double { Double(count) / Double(rows) }

  /// How many epochs are behind when a step begins.
  public func epochs(before step: Int) -> Double {
    count == 0 ? 0 : Double(max(0, step) * rows) / Double(count)
  }
}
