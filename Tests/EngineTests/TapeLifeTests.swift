import Testing

@testable import Engine

extension EngineTests {
  /// When memory is let go, and what outlives what.
  @Suite struct TapeLifeTests {
    init() { EngineTests.oneThread }

    @Test func gradientsOutliveTheirTape() throws {
      let w = Tensor.filled([3], 2)
      func train() throws -> Gradients {
        let tape = Tape(), x = tape.track(w)
        return try tape.gradients(of: (x * x).sum())
      }
      let gradients = try train()
      #expect(gradients[w]?.scalars == [4, 4, 4])
    }

    @Test func tensorsOutliveTheirTape() throws {
      var tape: Tape? = Tape()
      let w = Tensor.filled([3], 2)
      let x = try #require(tape).track(w), y = try x * x
      weak let core = x.origin?.core
      tape = nil
      #expect(!y.isTracked, "ops on it are recorded no more")
      #expect(try (y + y).scalars == [8, 8, 8] && core?.nodes.isEmpty == true)
    }

    @Test func whatIsLeftOfAClosedTapeHidesNoOther() throws {
      var old: Tape? = Tape()
      let before = try #require(old).track(Tensor.filled([2], 3))
      old = nil
      let tape = Tape(), w = Tensor.filled([2], 5), x = tape.track(w)
      let gradients = try tape.gradients(of: (before * x).sum())
      #expect(gradients[w]?.scalars == [3, 3])
    }

    @Test func aTensorOfAClosedTapeCanBeALeafAgain() throws {
      var old: Tape? = Tape()
      let kept = try #require(old).track(Tensor.filled([2], 3)).scaled(by: 2)
      old = nil
      let tape = Tape(), x = tape.track(kept)
      #expect(try tape.gradients(of: (x * x).sum())[kept]?.scalars == [12, 12])
    }

    /// What a linear layer reads is kept for W's gradient or a factor's, and for nothing else.
    @Test(arguments: [(false, false), (true, false), (false, true)]) func linearKeepsWhatIsAskedFor(
      trainsWeight: Bool, trainsFactors: Bool
    ) throws {
      let chance = Chance(seed: 3), w = chance.normal([6, 5], purpose: "w")
      let (a, b) = (chance.normal([2, 5], purpose: "a"), chance.normal([6, 2], purpose: "b"))
      let tape = Tape(), first = tape.track(chance.normal([4, 5], purpose: "x"))
      weak var read: Storage?
      func run() throws -> Tensor {
        let x = try first.gelu()
        read = x.storage
        let term = LowRankTerm(
          a: trainsFactors ? tape.track(a) : a, b: trainsFactors ? tape.track(b) : b, scale: 0.5)
        return try x.linear(trainsWeight ? tape.track(w) : w, terms: [term]).sum()
      }
      let loss = try run()
      #expect((read != nil) == (trainsWeight || trainsFactors))
      let found = try tape.gradients(of: loss)
      #expect(found[first] != nil && (found[w] != nil) == trainsWeight && (found[a] != nil) == trainsFactors)
    }

    @Test func aWalkLetsGoOfEverything() throws {
      weak var activation: Storage?
      let tape = Tape(), w = Tensor.filled([4, 4], 0.5)
      func run() throws -> Gradients {
        let x = tape.track(w), h = try x.gelu()
        activation = h.storage
        let loss = try (h * h).sum()
        #expect(activation != nil)
        return try tape.gradients(of: loss)
      }
      let gradients = try run()
      #expect(activation == nil, "the tape still stands, its nodes' memory does not")
      #expect(gradients[w] != nil && tape.count == 4)
    }

    @Test func aTapeThatWasNotWalkedLetsGo() throws {
      weak var activation: Storage?
      func run() throws -> Tensor {
        let tape = Tape(),
          h = try tape.track(Tensor.filled([4, 4], 0.5)).linear(Tensor.filled([4, 4], 1), bias: .zeros([4]))
        activation = h.storage
        return try h.gelu().sum()
      }
      let loss = try run()
      #expect(activation == nil && loss.item.isFinite)
    }

    /// In a process of its own, where nobody else takes memory.
    @Test func allMemoryComesBack() async {
      await #expect(processExitsWith: .success) {
        let start = MemoryPool.shared.bytes.live
        do {
          let chance = Chance(seed: 1)
          let table = chance.normal([50, 16], purpose: "table"), w = chance.normal([48, 16], purpose: "w")
          for isWalked in [true, false] {
            let tape = Tape(checking: true)
            let t = tape.track(table), x = try t.gather([1, 2, 3, 1, 2, 3], shape: [2, 3])
            let one = Tensor.filled([16], 1)
            let qkv = try x.layerNorm(weight: tape.track(one), bias: .zeros([16])).linear(
              tape.track(w), bias: .zeros([48]))
            let form = AttentionForm(heads: 4, headWidth: 4, isCausal: true)
            let y = try Tensor.attention(
              q: HeadColumns(qkv), k: HeadColumns(qkv, column: 16), v: HeadColumns(qkv, column: 32), form)
            let loss = try (x + y).reshaped([6, 16]).linearCrossEntropy(t, [1, 2, 3, -100, 4, 5]).loss
            if isWalked, try tape.gradients(of: loss)[table] == nil { fatalError("no gradient") }
          }
        } catch { fatalError("\(error)") }
        precondition(
          MemoryPool.shared.bytes.live == start, "\(MemoryPool.shared.bytes.live - start) bytes are left")
      }
    }

    @Test func longChainsNeedNoStack() throws {
      for isWalked in [true, false] {
        let tape = Tape(), x = tape.track(Tensor(3))
        var y = x
        for _ in 0..<200_000 { y = try y.shifted(by: 1) }
        #expect(tape.count == 200_001)
        if isWalked { #expect(try tape.gradients(of: y)[x]?.item == 1) }
      }
    }
  }

  /// Sums of gradients go into memory that nobody else holds.
  @Suite struct CopyTests {
    private func address(_ x: Tensor) -> UnsafeMutableRawPointer { x.storage.base }

    @Test func aSumTakesOverMemoryOfItsOwn() {
      let a = Tensor.filled([64], 1), b = Tensor.filled([64], 2), before = address(a)
      let sum = Tensor.sum(consuming: consume a, b)
      #expect(address(sum) == before && sum.scalars.allSatisfy { $0 == 3 })
    }

    @Test func aSumLeavesSharedMemoryAlone() {
      let a = Tensor.filled([64], 1), b = Tensor.filled([64], 2), kept = a
      let sum = Tensor.sum(consuming: consume a, b)
      #expect(address(sum) != address(kept))
      #expect(sum.scalars.allSatisfy { $0 == 3 } && kept.scalars.allSatisfy { $0 == 1 })
    }

    @Test func aSumOfATensorWithItself() {
      let a = Tensor.filled([64], 1)
      #expect(Tensor.sum(consuming: a, a).scalars.allSatisfy { $0 == 2 })
    }

    @Test func theTapeAddsUpInPlace() throws {
      let tape = Tape(), x = tape.track(Tensor.filled([64], 1))
      weak var first: Storage?
      var parts = 0
      let uses = try (0..<3).map { _ in
        try Tensor.filled([64], 1).recorded("use", from: [x]) { _ in
          let part = Tensor.filled([64], 1)
          if parts == 0 { first = part.storage }
          parts += 1
          return [part]
        }
      }
      let gradient = try #require(try tape.gradients(of: (uses[0] + uses[1] + uses[2]).sum())[x])
      #expect(gradient.scalars.allSatisfy { $0 == 3 })
      #expect(parts == 3 && gradient.storage === first, "the first part took the others in")
    }

    @Test func movesShareMemory() throws {
      let x = Tensor.filled([4, 6], 1)
      #expect(try x.reshaped([2, 12]).storage === x.storage)
      #expect(try x.slice(axis: 0, 1..<3).storage === x.storage)
      #expect(x.plain.storage === x.storage && Tape().track(x).storage === x.storage)
      #expect(x.packed(as: .f32).storage === x.storage)
    }
  }
}
