import Testing

@testable import Engine

extension EngineTests {
  /// Packed numbers, forms kept beside a weight, and somebody else's memory.
  @Suite struct StorageTests {
    init() { EngineTests.oneThread }

    private let chance = Chance(seed: 3)

    private final class Keeper {
      let base = UnsafeMutablePointer<UInt16>.allocate(capacity: 65_536)
      deinit { base.deallocate() }
    }

    /// All 65,536 patterns as a packed tensor over memory of its own.
    private func patterns(_ format: Storage.Format) throws -> Tensor {
      let keeper = Keeper()
      for i in 0..<65_536 { keeper.base[i] = UInt16(i) }
      return try Tensor([65_536], in: Storage(65_536, format: format, at: keeper.base, keeper: keeper))
    }

    /// A training step turns a large matrix for itself; who only reads keeps the turned one, and the bits are the same.
    @Test func largeWeightsStandInMemoryOnce() throws {
      let w = Chance(seed: 1).normal([1024, 1024], purpose: "w")
      let x = Chance(seed: 2).normal([40, 1024], purpose: "x"), tape = Tape()
      let trained = try tape.track(x).linear(w)
      #expect(w.storage.bytes == 4 << 20, "nothing was kept beside it")
      let read = try x.linear(w)
      #expect(w.storage.bytes == 8 << 20 && read.isIdentical(to: trained.plain))
      let again = try tape.track(x).linear(w)
      #expect(again.plain.isIdentical(to: read))
      let small = Chance(seed: 3).normal([512, 512], purpose: "small")
      _ = try tape.track(Tensor.filled([40, 512], 1)).linear(small)
      #expect(small.storage.bytes == 2 << 20, "a small one is kept turned")
    }

    @Test(arguments: [Storage.Format.bf16, .f16]) func everyPatternReturns(format: Storage.Format) throws {
      let packed = try patterns(format), numbers = packed.scalars
      let again = try Tensor([65_536], numbers).packed(as: format)
      #expect(again.storage.format == format && again.storage.bytes == 131_072)
      var wrong = 0
      for i in 0..<65_536 {
        let isSame = again.storage.halves[i] == UInt16(i)
        let isNaN = numbers[i].isNaN && again.scalars(at: i).isNaN
        if !isSame && !isNaN { wrong += 1 }
        if format == .bf16 && !numbers[i].isNaN && numbers[i].bitPattern != UInt32(i) << 16 { wrong += 1 }
      }
      #expect(wrong == 0)
    }

    @Test func packingRoundsToNearestEven() throws {
      let x = try Tensor([4], [1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1.1p-8, -1 - 0x1p-8])
      #expect(x.packed(as: .bf16).scalars == [1, 1 + 0x1p-6, 1 + 0x1p-7, -1])
      let y = try Tensor([5], [1 + 0x1p-11, 1 + 3 * 0x1p-11, 65_519, 65_520, 0x1p-25])
      #expect(y.packed(as: .f16).scalars == [1, 1 + 0x1p-9, 65_504, .infinity, 0])
    }

    @Test func packedTensorsArePackedOnce() throws {
      let x = chance.normal([5, 7], purpose: "x"), once = x.packed(as: .bf16)
      #expect(once.packed(as: .bf16).storage === once.storage)
      #expect(once.packed(as: .f32).scalars == once.scalars)
      #expect(once.packed(as: .f32).storage.format == .f32)
    }

    @Test(arguments: [Storage.Format.bf16, .f16]) func packedRowsAreGathered(format: Storage.Format) throws {
      let table = chance.normal([9, 5], purpose: "table").packed(as: format), plain = table.packed(as: .f32)
      let rows = [8, 0, 3, 3]
      #expect(try table.gather(rows).scalars == plain.gather(rows).scalars)
      let part = try table.slice(axis: 0, 2..<7), wanted = try plain.slice(axis: 0, 2..<7)
      #expect(part.scalars == wanted.scalars)
      #expect(try part.gather([4, 1]).scalars == wanted.gather([4, 1]).scalars)
      #expect(try table.slice(axis: 1, 1..<3).scalars == plain.slice(axis: 1, 1..<3).scalars)
    }

    @Test(arguments: [Storage.Format.bf16, .f16]) func aPackedWeightIsTheUnpackedOne(format: Storage.Format)
      throws
    {
      let w = chance.normal([40, 24], purpose: "w").packed(as: format), plain = w.packed(as: .f32)
      let x0 = chance.normal([18, 24], purpose: "x")
      for (w, plain) in [(w, plain), (try w.slice(axis: 0, 7..<31), try plain.slice(axis: 0, 7..<31))] {
        var hashes: [[UInt64?]] = []
        for w in [w, plain] {
          let tape = Tape(), x = tape.track(x0)
          let y = try x.linear(w), loss = try (y * y).sum()
          let z = try x.linearCrossEntropy(w, (0..<18).map { Int32($0) }).loss
          let gradients = try tape.gradients(of: loss + z)
          hashes.append([y.hash(), z.hash(), gradients[x0]?.hash()])
        }
        #expect(hashes[0] == hashes[1])
      }
    }

    @Test func attentionReadsPackedPrefixes() throws {
      let x = chance.normal([2, 3, 12], purpose: "x"),
        form = AttentionForm(heads: 2, headWidth: 2, isCausal: true)
      let extra = chance.normal([2, 5, 4], purpose: "extra").packed(as: .bf16)
      let (keys, values) = (try extra.slice(axis: 0, 0..<1), try extra.slice(axis: 0, 1..<2))
      func run(_ x: Tensor, _ format: Storage.Format) throws -> [Float] {
        let pair = (
          try keys.reshaped([5, 4]).packed(as: format), try values.reshaped([5, 4]).packed(as: format)
        )
        return try Tensor.attention(
          q: HeadColumns(x), k: HeadColumns(x, column: 4), v: HeadColumns(x, column: 8), extra: pair, form
        ).scalars
      }
      #expect(try run(x, .bf16) == run(x, .f32))
      let packed = x.packed(as: .f16)
      #expect(try run(packed, .f32) == run(packed.packed(as: .f32), .f32))
    }

    @Test func formsAreKeptByPlaceAndShape() throws {
      let w = chance.normal([12, 4], purpose: "w")
      func flipped(_ w: Tensor) -> Storage {
        w.storage.transposed(offset: w.offset, rows: w.shape[0], columns: w.shape[1])
      }
      let views = [
        w, try w.slice(axis: 0, 0..<3), try w.slice(axis: 0, 0..<6), try w.reshaped([8, 6]),
        try w.reshaped([4, 12]),
        try w.slice(axis: 0, 3..<6), try w.slice(axis: 0, 0..<3).reshaped([4, 3]),
      ]
      for _ in 0..<2 {
        for view in views {
          let form = flipped(view)
          let wanted = try view.transposed().scalars
          #expect(
            Array(UnsafeBufferPointer(start: form.floats, count: form.count)) == wanted, "\(view.shape)")
          #expect(flipped(view) === form, "made once")
        }
      }
      let kept = views.map { ObjectIdentifier(flipped($0)) }
      #expect(Set(kept).count == views.count, "no form takes the place of another")
      #expect(w.storage.bytes == 4 * (48 + views.reduce(0) { $0 + $1.count }))
    }

    @Test func linearOverTwoViewsOfOneMemory() throws {
      let w = chance.normal([2, 6], purpose: "w"), other = try w.reshaped([3, 4])
      let x = chance.normal([2, 6], purpose: "x"), y = chance.normal([2, 4], purpose: "y")
      for _ in 0..<2 {
        #expect(try x.linear(w).largestDifference(from: x.matmul(w, transposed: true)) < 1e-6)
        #expect(try y.linear(other).largestDifference(from: y.matmul(other, transposed: true)) < 1e-6)
      }
    }

    @Test func somebodyElsesMemoryIsKeptAlive() throws {
      weak var keeper: Keeper?
      func make() throws -> Tensor {
        let own = Keeper()
        keeper = own
        for i in 0..<8 { own.base[i] = 0x3f80 }
        return try Tensor([2, 4], in: Storage(8, format: .bf16, at: own.base, keeper: own))
      }
      var tensor: Tensor? = try make()
      #expect(keeper != nil && tensor?.scalars == Array(repeating: 1, count: 8))
      tensor = nil
      #expect(keeper == nil)
    }
  }

  @Suite struct MemoryPoolTests {
    @Test func classesGrowAndLoseAtMostAQuarter() {
      var last = MemoryPool.sizeClass(0)
      #expect(last.bytes == 64)
      var worst = 0.0
      for bytes in Array(1..<70_000) + Array(stride(from: 70_000, through: 10_000_000, by: 61)) {
        let (index, size) = MemoryPool.sizeClass(bytes)
        guard size >= bytes, index >= last.index, size >= last.bytes,
          (index == last.index) == (size == last.bytes)
        else {
          Issue.record("\(bytes) bytes: class \(index) of \(size) after \(last)")
          return
        }
        if bytes >= 64 { worst = max(worst, Double(size - bytes) / Double(bytes)) }
        last = (index, size)
      }
      #expect(worst <= 0.25)
      #expect(MemoryPool.sizeClass(1 << 48).bytes >= 1 << 48)
    }

    @Test func blocksStandOnLines() {
      let kept = (0..<200).map { Storage($0 * 37) }
      #expect(kept.allSatisfy { UInt(bitPattern: $0.base) % 64 == 0 })
      let places = kept.map { UInt(bitPattern: $0.base) }.sorted()
      #expect(Set(places).count == kept.count)
    }

    @Test func blocksAreUsedAgainAndCounted() {
      let pool = MemoryPool(), block = pool.take(1000)
      #expect(pool.bytes == (1024, 1024, 0))
      pool.give(block, 1000)
      #expect(pool.bytes == (0, 1024, 1024))
      #expect(pool.take(900) == block, "the same class, the same block")
      pool.resetPeak()
      let more = pool.take(100)
      #expect(pool.bytes == (1024 + 112, 1024 + 112, 0))
      pool.give(more, 100)
      pool.give(block, 900)
      #expect(pool.bytes.live == 0)
    }
  }
}

extension Tensor {
  fileprivate func scalars(at i: Int) -> Float { read { $0[i] } }
}
