import Engine
import Testing

@testable import Networks

struct InputTests {
  /// Padding on either side leaves what real tokens see as it is.
  @Test(arguments: [true, false]) func paddingChangesNothing(isLeft: Bool) throws {
    let model = try SmallGPT.model()
    let short = [27, 18, 28], long = SmallGPT.rows[0]
    let filling = [Int](repeating: 7, count: 3), hidden = [UInt8](repeating: 0, count: 3)
    let real = [UInt8](repeating: 1, count: 3)
    let all = [UInt8](repeating: 1, count: 6)
    let rows = [long, isLeft ? filling + short : short + filling]
    let logits = try model.logits(rows, [all, isLeft ? hidden + real : real + hidden])
    let one = try model.logits([short]), other = try model.logits([long])
    for t in 0..<3 {
      let there = try logits.at(1, isLeft ? t + 3 : t)
      #expect(try there.largestDifference(from: one.at(0, t)) < 1e-5)
    }
    for t in 0..<6 { #expect(try logits.at(0, t).largestDifference(from: other.at(0, t)) < 1e-5) }
  }

  @Test func aMaskOfOnesIsNoMask() throws {
    let model = try SmallGPT.model()
    let ones = SmallGPT.rows.map { $0.map { _ in UInt8(1) } }
    #expect(try model.logits(SmallGPT.rows, ones).hash() == model.logits(SmallGPT.rows).hash())
  }

  @Test func positionsCanBeGiven() throws {
    let model = try SmallGPT.model()
    let usual = try model.logits(SmallGPT.rows)
    let counted = SmallGPT.rows.map { Array($0.indices) }
    #expect(try model.logits(Input(SmallGPT.rows, positions: counted), Pass()).hash() == usual.hash())
    let shifted = counted.map { $0.map { $0 + 2 } }
    #expect(
      try model.logits(Input(SmallGPT.rows, positions: shifted), Pass()).largestDifference(from: usual) > 0.01
    )
    let hook = Hook()  // what is put before the text takes the first positions
    try hook.place(model, "input") { $0.sequence = { s, _ in try s.prepending(random([3, 32], "p")) } }
    let prompted = try model.logits(SmallGPT.rows)
    #expect(try model.logits(Input(SmallGPT.rows, positions: counted), Pass()).hash() == prompted.hash())
  }

  @Test func aFutureTokenChangesNothingBefore() throws {
    let model = try SmallGPT.model()
    var other = SmallGPT.rows
    other[0][4] = 0
    let a = try model.logits(SmallGPT.rows), b = try model.logits(other)
    for t in 0..<6 { #expect((try a.at(0, t).hash() == b.at(0, t).hash()) == (t < 4)) }
    #expect(try a.at(1, 5).hash() == b.at(1, 5).hash())
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let model = try SmallGPT.model()
    let wrong: [(Input, String)] = [
      (Input([[1, 29]]), "29"), (Input([[-1]]), "-1"), (Input([[1, 2], [3]]), "one length"),
      (Input([]), "no tokens"),
      (Input([[]]), "no tokens"), (Input([[1, 2]], mask: [[1]]), "mask"),
      (Input([[1, 2]], mask: []), "mask"),
      (Input([[1, 2]], mask: [[1, 2]]), "mask"),
      (Input([[1, 2]], mask: [[1, 1], [1, 1]]), "mask"),
      (Input([[1, 2], [1, 2]], positions: [[0, 1]]), "positions"),
      (Input([[1, 2]], positions: [[0]]), "positions"), (Input([[1, 2]], positions: [[0, 24]]), "24"),
      (Input([[1, 2]], positions: [[0, -1]]), "-1"),
      (Input([Array(repeating: 1, count: 25)]), "25 positions do not fit the context of 24"),
    ]
    for (input, part) in wrong {
      let error = #expect(throws: EngineError.self, "\(input)") { try model.logits(input, Pass()) }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "nothing")")
    }
    #expect(try model.logits([Array(repeating: 1, count: 24)]).shape == [1, 24, 29])
  }

  /// Positions count real tokens, so padding takes no room of the context.
  @Test func paddingTakesNoRoom() throws {
    let model = try SmallGPT.model()
    let padded = [Array(repeating: 0, count: 6) + Array(repeating: 1, count: 24)]
    let mask = [Array(repeating: UInt8(0), count: 6) + Array(repeating: UInt8(1), count: 24)]
    let logits = try model.logits(padded, mask)
    let plain = try model.logits([Array(repeating: 1, count: 24)])
    #expect(try logits.at(0, 29).largestDifference(from: plain.at(0, 23)) < 1e-5)
  }

  @Test func aRowOfPaddingIsFinite() throws {
    let model = try SmallGPT.model()
    #expect(try model.logits([[1, 2], [1, 2]], [[1, 1], [0, 0]]).isFinite)
  }

  @Test func twoWishesEndAPass() throws {
    let model = try SmallGPT.model(), interrupt = Interrupt(), hook = Hook()
    var ran: [String] = []
    for name in ["blocks.0.mlp.up", "blocks.1.mlp.up"] {
      try hook.place(model, name) {
        $0.input = { x, _ in
          ran.append(name)
          interrupt.raise()
          return x
        }
      }
    }
    interrupt.raise()  // once: the present work is finished
    #expect(throws: EngineError.interrupted) {
      try model.logits(Input(SmallGPT.rows), Pass(interrupt: interrupt))
    }
    #expect(ran == ["blocks.0.mlp.up"])
    interrupt.reset()
    hook.remove()
    interrupt.raise()
    #expect(try model.logits(Input(SmallGPT.rows), Pass(interrupt: interrupt)).isFinite)
  }
}
