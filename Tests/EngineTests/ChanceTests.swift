import Testing

@testable import Engine

/// Random numbers: the same again, different elsewhere, and distributed as promised.
@Suite struct ChanceTests {
  private let chance = Chance(seed: 42)

  @Test func theSameAgain() {
    let again = Chance(seed: 42)
    #expect(
      chance.uniform([1000], purpose: "x", step: 3).scalars
        == again.uniform([1000], purpose: "x", step: 3).scalars)
    #expect(chance.normal([1001], purpose: "x").scalars == again.normal([1001], purpose: "x").scalars)
    #expect(chance.order(100, purpose: "x") == again.order(100, purpose: "x"))
  }

  @Test func shorterDrawsBeginLongerOnes() {
    let long = chance.uniform([37], purpose: "x").scalars, normal = chance.normal([37], purpose: "x").scalars
    for n in [0, 1, 5, 36] {
      #expect(chance.uniform([n], purpose: "x").scalars == Array(long[..<n]))
      #expect(chance.normal([n], purpose: "x").scalars == Array(normal[..<n]))
    }
    for i in [0, 1, 6, 36] { #expect(chance.draw(i, purpose: "x") == long[i]) }
  }

  @Test func streamsDiffer() {
    let base = chance.uniform([64], purpose: "x", step: 1).scalars
    #expect(base != chance.uniform([64], purpose: "x", step: 2).scalars)
    #expect(base != chance.uniform([64], purpose: "y", step: 1).scalars)
    #expect(base != Chance(seed: 43).uniform([64], purpose: "x", step: 1).scalars)
    var seen: Set<UInt64> = []
    for purpose in ["", "a", "b", "ab", "dropout", "dropout 1", "order"] {
      for step in -2..<1_000 { seen.insert(Chance.stream(purpose, step: step)) }
    }
    #expect(seen.count == 7 * 1_002)
  }

  @Test(arguments: [-1, 0, 1, 2, 3, 100, 1_000]) func ordersArePermutations(n: Int) {
    let order = chance.order(n, purpose: "order")
    #expect(order.sorted() == Array(0..<max(n, 0)))
    if n >= 100 { #expect(order != order.sorted() && order != chance.order(n, purpose: "order", step: 1)) }
  }

  @Test func everyPlaceIsEquallyLikely() {
    var counts = [Int](repeating: 0, count: 5)
    for step in 0..<5_000 { counts[chance.order(5, purpose: "order", step: step)[0]] += 1 }
    #expect(counts.allSatisfy { abs($0 - 1_000) < 150 }, "\(counts)")
  }

  @Test func uniformMoments() {
    let x = chance.uniform([100_000], purpose: "moments").scalars.map { Double($0) }
    let mean = x.reduce(0, +) / 1e5, variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    #expect(abs(mean - 0.5) < 0.004 && abs(variance - 1.0 / 12) < 0.002)
    #expect(x.allSatisfy { (0..<1).contains($0) })
  }

  @Test func normalMoments() {
    let x = chance.normal([100_000], deviation: 2, purpose: "moments").scalars.map { Double($0) / 2 }
    let mean = x.reduce(0, +) / 1e5
    func moment(_ power: Int) -> Double {
      x.reduce(0.0) { total, value in
        total + (0..<power).reduce(1.0) { product, _ in product * (value - mean) }
      } / 1e5
    }
    #expect(
      abs(mean) < 0.015 && abs(moment(2) - 1) < 0.025 && abs(moment(3)) < 0.06 && abs(moment(4) - 3) < 0.15)
    let neighbours = zip(x, x.dropFirst()).reduce(0.0) { $0 + $1.0 * $1.1 } / 1e5
    #expect(abs(neighbours) < 0.015, "neighbours are not correlated")
  }

  @Test func theUpperEndIsOpen() {
    // Eight steps of a Float wide: a draw in the last half step would round to the upper end.
    let x = chance.uniform([10_000], 1, 1.000001, purpose: "end").scalars
    #expect(x.allSatisfy { $0 >= 1 && $0 < 1.000001 })
  }
}
