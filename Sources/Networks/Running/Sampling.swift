#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the next token is chosen.
public struct Sampling: Sendable {
  /// 0 chooses the most probable token (greedy); else logits are divided by it.
  public var temperature: Float = 0
  /// Only the k most probable tokens; 0: all.
  public var topK = 0
  /// Only the smallest set of tokens whose probabilities reach p; 1: all. Holtzman et al. 2019, arXiv:1904.09751.
  public var topP: Float = 1
  /// The seed of the draws.
  public var seed: UInt64 = 0
  /// Tokens that end a row.
  public var stops: Set<Int> = []

  /// Greedy.
  public init() {}

  /// Chooses from one row of logits with a draw in [0, 1).
  public func choose(_ logits: some RandomAccessCollection<Float>, draw: Float) -> Int {
    guard let best = logits.max() else { return 0 }
    if temperature <= 0 || topK == 1 { return logits.enumerated().first { $0.element == best }?.offset ?? 0 }
    let weights = logits.map { exp((Double($0) - Double(best)) / Double(temperature)) }
    var order = Descending(logits), chosen: [Int] = []
    var whole = weights.reduce(0, +)
    if topK > 0 && topK < weights.count {
      while chosen.count < topK, let next = order.next() { chosen.append(next) }
      whole = chosen.reduce(0) { $0 + weights[$1] }
    }
    /// The token of a rank; they are put in order as far as is asked for.
    func token(_ rank: Int) -> Int? {
      if rank >= chosen.count {
        guard topK == 0 || topK >= weights.count, let next = order.next() else { return nil }
        chosen.append(next)
      }
      return chosen[rank]
    }
    if topP < 1 {
      let enough = Double(topP) * whole
      var rank = 0
      whole = 0
      while rank == 0 || whole < enough, let next = token(rank) {
        whole += weights[next]
        rank += 1
      }
      chosen = Array(chosen.prefix(rank))
    }
    var left = Double(draw) * whole, rank = 0
    while topP == 1 || rank < chosen.count, let next = token(rank) {
      left -= weights[next]
      if left < 0 { return next }
      rank += 1
    }
    return chosen.last ?? 0
  }
}

/// Places of scores from the largest to the smallest, equal ones in their order; each costs log(count) when it is asked
/// for, so that the first few of a large vocabulary come cheap.
private struct Descending: IteratorProtocol {
  private let scores: [Float]
  private var heap: [Int]  // a parent stands before its children, 2i + 1 and 2i + 2

  init(_ scores: some Collection<Float>) {
    self.scores = Array(scores)
    heap = Array(self.scores.indices)
    for i in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(i) }
  }

  mutating func next() -> Int? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink(0)
    }
    return first
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool { scores[a] != scores[b] ? scores[a] > scores[b] : a < b }

  private mutating func sink(_ start: Int) {
    var i = start
    while 2 * i + 1 < heap.count {
      let left = 2 * i + 1, right = left + 1
      let child = right < heap.count && isBefore(heap[right], heap[left]) ? right : left
      guard isBefore(heap[child], heap[i]) else { return }
      heap.swapAt(i, child)
      i = child
    }
  }
}
