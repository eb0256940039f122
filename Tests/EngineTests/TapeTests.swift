import Testing

@testable import Engine

extension EngineTests {
  /// What is recorded, and what comes back.
  @Suite struct TapeTests {
    init() { EngineTests.oneThread }

    private func row(_ values: Float...) throws -> Tensor { try Tensor([values.count], values) }

    @Test func aTensorUsedTwiceAddsUp() throws {
      let tape = Tape(), x0 = try row(1, 2, 3)
      let x = tape.track(x0)
      let y = try (x * x + x + x).sum()
      #expect(y.item == 26)
      #expect(try tape.gradients(of: y)[x0]?.scalars == [4, 6, 8])
    }

    @Test func leavesAreAskedByMemory() throws {
      let tape = Tape(), w = try row(1, 2, 3, 4)
      let first = tape.track(w), again = tape.track(w)
      #expect(tape.count == 1, "the same memory is the same leaf")
      let loss = try (first * 2.0.float + again * 3.0.float).sum()
      let gradients = try tape.gradients(of: loss)
      for asked in [w, first, again] { #expect(gradients[asked]?.scalars == [5, 5, 5, 5]) }
      #expect(gradients[try w.reshaped([2, 2])]?.shape == [2, 2], "a gradient has the shape of who asks")
      #expect(gradients[try row(1, 2, 3, 4)] == nil, "equal numbers elsewhere are another tensor")
    }

    @Test func oneLeafInTwoShapes() throws {
      let tape = Tape(), w = try row(1, 2, 3, 4)
      let flat = tape.track(w), square = tape.track(try w.reshaped([2, 2]))
      let loss = try (flat.sum() + square.transposed().sum() + square.permuted([1, 0]).sum())
      let gradients = try tape.gradients(of: loss)
      #expect(gradients[w]?.scalars == [3, 3, 3, 3] && gradients[w]?.shape == [4])
      #expect(gradients[square]?.shape == [2, 2])
    }

    @Test func watchedActivations() throws {
      let tape = Tape()
      let x = tape.track(try row(1, 2)), h = try x * x, hidden = try h + h, loss = try (hidden * x).sum()
      let gradients = try tape.gradients(of: loss, watched: [h, hidden])
      #expect(gradients[hidden]?.scalars == [1, 2])
      #expect(gradients[h]?.scalars == [2, 4])
      #expect(gradients[x]?.scalars == [6, 24])
    }

    @Test func activationsNobodyWatchesAreLetGo() throws {
      let tape = Tape(), x = tape.track(try row(1, 2)), h = try x * x
      #expect(try tape.gradients(of: h.sum())[h] == nil)
    }

    @Test func whatIsNotOnTheTapeHasNoGradient() throws {
      let tape = Tape(), other = Tape()
      let x = tape.track(try row(1, 2)), unused = tape.track(try row(3, 4)),
        foreign = other.track(try row(5, 6))
      let gradients = try tape.gradients(of: (x * x).sum())
      let stranger = try row(1, 2)
      for tensor in [unused, foreign, stranger] { #expect(gradients[tensor] == nil) }
      #expect(Gradients()[x] == nil)
      let frozen = try row(1, 2).sum()
      #expect(try tape.gradients(of: frozen)[x] == nil, "a loss without a past has no gradients")
    }

    @Test func theLossIsOneNumber() throws {
      let tape = Tape(), x = tape.track(try row(1, 2))
      #expect(throws: EngineError.self) { try tape.gradients(of: x) }
    }

    @Test func aTapeIsWalkedOnce() throws {
      let tape = Tape(), x = tape.track(try row(1, 2)), loss = try (x * x).sum()
      _ = try tape.gradients(of: loss)
      #expect(throws: EngineError.self) { try tape.gradients(of: loss) }
    }

    @Test func frozenInputsRecordNothing() throws {
      let tape = Tape(), w = Tensor.filled([3, 3], 0.5), x = Tensor.filled([2, 3], 1)
      _ = try x.linear(w).gelu().softmax().sum()
      #expect(tape.count == 0)
      let trained = tape.track(w)
      #expect(tape.count == 1)
      let h = try x.linear(w).gelu()
      #expect(tape.count == 1 && !h.isTracked, "nothing below the first place that needs a gradient")
      #expect(try h.linear(trained).isTracked && tape.count == 2)
    }

    @Test func entriesNameOpsPlacesAndShapes() throws {
      let tape = Tape()
      tape.place = "block 3"
      let x = tape.track(Tensor.filled([2, 3], 1))
      tape.place = "head"
      _ = try x.softmax().sum(axes: [0])
      #expect(tape.entries.map(\.op) == ["leaf", "softmax", "sum"])
      #expect(tape.entries.map(\.place) == ["block 3", "head", "head"])
      #expect(tape.entries.map(\.shape) == [[2, 3], [2, 3], [3]])
    }

    @Test func checkingNamesOpAndPlace() throws {
      let tape = Tape(checking: true)
      let x = tape.track(try row(1, -1))
      tape.place = "block 3"
      #expect(throws: EngineError.notFinite(op: "log", place: "block 3")) { try x.log() }
      let unchecked = Tape()
      #expect(try unchecked.track(x.plain).log().scalars[1].isNaN)
      #expect(
        "\(EngineError.notFinite(op: "log", place: "block 3"))"
          == "the result of log in block 3 is not finite (NaN or infinity)")
    }

    @Test func checkingTestsGradientsToo() throws {
      let tape = Tape(checking: true)
      let x = tape.track(try row(1, 0x1p-140))
      tape.place = "head"
      let loss = try x.log().sum()
      #expect(throws: EngineError.notFinite(op: "the gradient of log", place: "head")) {
        try tape.gradients(of: loss)
      }
    }

    @Test(arguments: [1, 3, 30]) func interruptTwiceCancels(length: Int) throws {
      let tape = Tape(), interrupt = Interrupt()
      var y = tape.track(Tensor(1))
      for _ in 0..<length { y = try y.scaled(by: 2) }
      interrupt.raise()
      #expect(interrupt.isRaised)
      try interrupt.check()
      interrupt.raise()
      #expect(throws: EngineError.interrupted) { try tape.gradients(of: y, interrupt: interrupt) }
      interrupt.reset()
      #expect(!interrupt.isRaised)
    }
  }
}

extension Double {
  fileprivate var float: Tensor { Tensor(Float(self)) }
}
