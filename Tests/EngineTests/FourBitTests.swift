import Testing

@testable import Engine

/// Four bits a number: codes, blocks, scales, and products that read them.
@Suite(.serialized) struct FourBitTests {
  private let chance = Chance(seed: 11)

  /// The same by the definition, one number at a time.
  private func reference(_ x: [Float], _ form: FourBit.Form) -> [Float] {
    stride(from: 0, to: x.count, by: form.block).flatMap { start -> [Float] in
      let part = x[start..<min(x.count, start + form.block)]
      let most = part.map(abs).max() ?? 0
      return part.map { number in
        guard most > 0 else { return 0 }
        let values = form.code.values.map { $0 * most }
        return values.min { abs($0 - number) < abs($1 - number) } ?? 0
      }
    }
  }

  @Test(arguments: FourBitCode.allCases) func everyNumberGoesToTheNearestValue(code: FourBitCode) throws {
    for shape in [[8, 64], [3, 50], [7, 11], [1, 8], [1, 9]] {
      for block in [8, 32, 64] where block <= shape[0] * shape[1] {
        let form = FourBit.Form(code, block: block, double: false)
        let x = chance.normal(shape, purpose: "x \(shape)"), packed = try x.packed(as: form)
        #expect(packed.shape == shape && packed.storage.format == .fourBit)
        let wanted = reference(x.scalars, form), got = packed.scalars
        for i in got.indices {
          // Two values may be as near up to rounding.
          let slack = abs(abs(got[i] - x.scalars[i]) - abs(wanted[i] - x.scalars[i]))
          #expect(slack < 1e-6, "\(code) \(shape) \(block) at \(i)")
        }
        #expect(try packed.packed(as: .f32).packed(as: form).scalars == got, "packing again changes nothing")
      }
    }
  }

  @Test func zerosAndShortBlocks() throws {
    var numbers = [Float](repeating: 0, count: 150)
    for i in 128..<150 { numbers[i] = Float(i - 139) / 11 }
    let packed = try Tensor([150], numbers).packed(as: .init(.nf4, double: false))
    #expect(packed.codes?[0..<128].allSatisfy { $0 == 7 } == true)
    #expect(packed.scalars[0..<128].allSatisfy { $0 == 0 })
    #expect(packed.scalars[128] == -1 && packed.packing?.scales.plain == [0, 0, 1])
    let all = try Tensor.zeros([128]).packed(as: .init())
    #expect(all.scalars.allSatisfy { $0 == 0 } && all.codeBytes?.allSatisfy { $0 == 0x77 } == true)
  }

  @Test func slicesBeginAnywhere() throws {
    let x = chance.normal([9, 50], purpose: "slices").plain
    let packed = try x.packed(as: .init(.nf4, block: 32)), plain = packed.packed(as: .f32)
    for range in [0..<9, 1..<4, 3..<9, 8..<9] {
      let part = try packed.slice(axis: 0, range)
      #expect(try part.scalars == plain.slice(axis: 0, range).scalars)
      #expect(try part.gather([0]).scalars == plain.gather([range.lowerBound]).scalars)
    }
    #expect(packed.codes?.count == 450)
  }

  /// As many bits as the paper says, and the memory is really no more.
  @Test func bitsAndBytes() throws {
    let x = chance.normal([512, 512], purpose: "bits"), n = 512 * 512
    let twice = try x.packed(as: .init()), once = try x.packed(as: .init(.nf4, double: false))
    #expect(once.packing?.bits(n) == 4.5)
    #expect(abs((twice.packing?.bits(n) ?? 0) - 4.127) < 0.0005)
    #expect(twice.storage.bytes == n / 2 + n / 64 + 4 * n / 64 / 256 + 4)
    let y = try chance.normal([40, 512], purpose: "y").linear(twice)
    #expect(y.isFinite && twice.storage.bytes < n * 5 / 8, "no form stays beside the codes")
    let difference = try twice.packed(as: .f32).largestDifference(from: once.packed(as: .f32))
    #expect(difference > 0 && difference < 0.03)
  }

  @Test func theDynamicMap() {
    let map = BlockScales.map
    #expect(map.count == 256 && map == map.sorted() && Set(map).count == 256)
    #expect(map[127] == 0 && map[255] == 1 && abs(map[0] + 0.99296874) < 1e-7)
    #expect(abs(map[128] - 5.5e-7) < 1e-12 && abs(map[129] - 3.25e-6) < 1e-11)
    let scales: [Float] = (0..<600).map { 1 + Float(($0 * 37) % 101) / 300 }
    let twice = BlockScales(quantising: scales)
    #expect(twice.nested.count == 3 && twice.count == 600)
    for (a, b) in zip(scales, twice.values(0..<600)) { #expect(abs(a - b) < 0.004) }
    #expect(BlockScales(quantising: [2, 2, 2]).values(0..<3) == [2, 2, 2])
  }

  /// Which code is best depends on what is coded: the orderings of the lesson.
  @Test func theOrderOfCodes() throws {
    func error(_ x: Tensor, _ code: FourBitCode) throws -> Float {
      try (x - x.packed(as: FourBit.Form(code, double: false)).packed(as: .f32)).norm / x.norm
    }
    let normal = chance.normal([256, 256], purpose: "normal")
    let uniform = chance.uniform([256, 256], -1, 1, purpose: "uniform")
    let n = try FourBitCode.allCases.map { try error(normal, $0) }  // nf4, fp4, int4, e2m1
    #expect(n[0] < n[3] && n[3] < n[2] && n[2] < n[1])
    #expect(abs(n[0] - 0.092) < 0.002 && abs(n[1] - 0.122) < 0.003 && abs(n[2] - 0.109) < 0.003)
    let u = try FourBitCode.allCases.map { try error(uniform, $0) }
    #expect(u[2] < u[0] && abs(u[2] - 0.07) < 0.003)
  }

  @Test func whatCannotBePacked() throws {
    let x = chance.normal([4, 16], purpose: "bad")
    for block in [0, 3, 48, 128, 8192] {
      #expect(throws: EngineError.self) { try x.packed(as: .init(.nf4, block: block)) }
    }
    #expect(throws: EngineError.self) {
      try Tensor([64], Array(repeating: .nan, count: 64)).packed(as: .init())
    }
    let packed = try x.packed(as: .init()), codes = try #require(packed.codeBytes)
    let packing = try #require(packed.packing)
    try codes.withUnsafeBytes { bytes in
      let again = try Tensor([4, 16], codes: bytes, packing)
      #expect(again.scalars == packed.scalars)
      #expect(throws: EngineError.self) { try Tensor([4, 17], codes: bytes, packing) }
      #expect(throws: EngineError.self) { try Tensor([-4, -16], codes: bytes, packing) }
    }
  }

  /// Products of a packed weight are those of the unpacked one to the bit, forwards and back.
  @Test func productsReadCodes() throws {
    for shape in [[40, 24], [96, 64], [48, 33]] {
      let w = try chance.normal(shape, purpose: "w").packed(as: .init(.nf4, block: 32))
      let plain = w.packed(as: .f32), x0 = chance.normal([70, shape[1]], purpose: "x")
      var hashes: [[UInt64?]] = []
      for w in [w, plain] {
        let tape = Tape(), x = tape.track(x0), y = try x.linear(w)
        let gradients = try tape.gradients(of: (y * y).sum())
        hashes.append([y.hash(), gradients[x0]?.hash()])
      }
      #expect(hashes[0] == hashes[1], "\(shape)")
    }
  }

  /// compute=bf16: both factors rounded, sums in float32.
  @Test func productsThatRound() throws {
    let x0 = chance.normal([20, 64], purpose: "x")
    let w = try chance.normal([48, 64], purpose: "w").packed(as: .init(.nf4, rounds: true))
    let tape = Tape(), x = tape.track(x0), y = try x.linear(w)
    let rounded = w.packed(as: .f32).packed(as: .bf16).packed(as: .f32)
    let wanted = try x0.packed(as: .bf16).packed(as: .f32).linear(rounded)
    #expect(try y.largestDifference(from: wanted) < 1e-5)  // pairs of products are summed first
    #expect(try y.largestDifference(from: x0.linear(w.rounding(false))) > 1e-3)
    let dy = chance.normal([20, 48], purpose: "dy")
    let dx = try #require(try tape.gradients(of: (y * dy).sum())[x0])
    let back = try dy.packed(as: .bf16).packed(as: .f32).matmul(rounded)
    #expect(try dx.largestDifference(from: back) < 1e-5)
    #expect(w.rounding(false).codeBytes == w.codeBytes)
  }
}
