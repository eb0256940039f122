import TestSupport
import Testing

@testable import Engine

extension EngineTests {
  /// Optimisers' steps against PyTorch's formulas, transcribed in Double.
  @Suite struct UpdateTests {
    init() { EngineTests.oneThread }

    private let n = 53

    private func draw(_ seed: UInt64) -> [Double] {
      Numbers.drawn([n], -1...1, seed: seed).values.map { Double(Float($0)) }
    }

    private func tensor(_ x: [Double]) throws -> Tensor { try Tensor([n], x.map { Float($0) }) }

    private func expectClose(_ found: Tensor, _ wanted: [Double], _ what: String) {
      let worst = zip(found.scalars, wanted).map { abs(Double($0) - $1) }.max() ?? .nan
      #expect(worst < 2e-6, "\(what) is off by \(worst)")
    }

    @Test(arguments: [Float(0), 0.1]) func adamWIsPyTorchs(decay: Float) throws {
      let start = draw(1)
      var p = try tensor(start), m = Tensor.zeros([n]), v = Tensor.zeros([n])
      var wanted = start.map { ReferenceUpdates.Adam(p: $0) }
      for t in 1...20 {
        let g = draw(UInt64(t) + 10), before = p.scalars
        let next = try p.adamW(
          gradient: try tensor(g), m: m, v: v, t: t, rate: 0.01, betas: (0.9, 0.999), epsilon: 1e-8,
          decay: decay,
          factor: 0.5)
        #expect(p.scalars == before, "a step leaves the old tensors alone")
        (p, m, v) = next
        for i in 0..<n {
          wanted[i].step(
            0.5 * g[i], t: t, rate: Double(Float(0.01)), betas: (Double(Float(0.9)), Double(Float(0.999))),
            epsilon: 1e-8, decay: Double(decay))
        }
      }
      expectClose(p, wanted.map(\.p), "p")
      expectClose(m, wanted.map(\.m), "m")
      expectClose(v, wanted.map(\.v), "v")
    }

    @Test(arguments: [(Float(0), Float(0)), (0.9, 0), (0.9, 0.1), (0, 0.1)])
    func sgdIsPyTorchs(momentum: Float, decay: Float) throws {
      let start = draw(2)
      var p = try tensor(start), buffer: Tensor?
      var wanted = start, buffers = [Double?](repeating: nil, count: n)
      for t in 1...10 {
        let g = draw(UInt64(t) + 40)
        (p, buffer) = try p.sgd(
          gradient: try tensor(g), buffer: buffer, rate: 0.05, momentum: momentum, decay: decay, factor: 2)
        for i in 0..<n {
          ReferenceUpdates.sgd(
            &wanted[i], buffer: &buffers[i], 2 * g[i], rate: Double(Float(0.05)), momentum: Double(momentum),
            decay: Double(decay))
        }
      }
      expectClose(p, wanted, "p")
      #expect((buffer == nil) == (momentum == 0))
      if let buffer { expectClose(buffer, buffers.compactMap { $0 }, "buffer") }
    }

    @Test func shapesMustAgree() throws {
      let p = Tensor.zeros([2, 3]), g = Tensor.zeros([3, 2])
      #expect(throws: EngineError.self) {
        try p.adamW(gradient: g, m: p, v: p, t: 1, rate: 1, betas: (0.9, 0.99), epsilon: 1, decay: 0)
      }
      #expect(throws: EngineError.self) {
        try p.adamW(
          gradient: p, m: Tensor.zeros([5]), v: p, t: 1, rate: 1, betas: (0.9, 0.99), epsilon: 1, decay: 0)
      }
      #expect(throws: EngineError.self) {
        try p.sgd(gradient: g, buffer: nil, rate: 1, momentum: 0, decay: 0)
      }
      #expect(throws: EngineError.self) {
        try p.sgd(gradient: p, buffer: Tensor.zeros([5]), rate: 1, momentum: 0.9, decay: 0)
      }
    }
  }
}
