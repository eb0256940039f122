import TestSupport
import Testing

@testable import Engine

extension EngineTests {
  /// Every public op over thousands of random shapes, empty ones among them: a result or an `EngineError`, no trap;
  /// every number of a result and of a gradient is written.
  @Suite struct ShapeFuzzTests {
    init() { EngineTests.oneThread }

    @Test func fiveThousandPairsThroughEveryOp() throws {
      var draw = Draw(seed: 2024), taken = [Int](repeating: 0, count: Self.ops.count)
      for pair in 0..<5_000 {
        let a = draw.shape(), b = pair % 3 == 0 ? draw.near(a) : draw.shape()
        for (i, op) in Self.ops.enumerated() where try run(op, a, b, &draw, pair) { taken[i] += 1 }
      }
      for (op, count) in zip(Self.ops, taken) {
        #expect(count > 10, "\(op.name) took \(count) of 5000 pairs: the shapes hardly test it")
      }
    }

    /// Whether the op took the shapes.
    private func run(_ op: Op, _ a: [Int], _ b: [Int], _ draw: inout Draw, _ pair: Int) throws -> Bool {
      // Blocks that hold NaN lie ready for results, which shows numbers that an op did not write.
      poison()
      let tape = Tape(), x = Tensor.filled(a, 0.75), y = Tensor.filled(b, 1.25)
      do {
        let result = try op.body(tape.track(x), tape.track(y), &draw)
        if !result.isFinite {
          Issue.record("\(op.name) of \(a) and \(b), pair \(pair): a number is not finite")
        }
        let gradients = try tape.gradients(of: result.sum())
        for leaf in [x, y] {
          guard let gradient = gradients[leaf] else { continue }
          if gradient.shape != leaf.shape || gradient.scalars.count != leaf.count || !gradient.isFinite {
            Issue.record(
              "\(op.name) of \(a) and \(b), pair \(pair): gradient \(gradient.shape) \(gradient.scalars)")
          }
        }
        return true
      } catch EngineError.shapes { return false }
    }

    private func poison() {
      var blocks: [Tensor] = []
      for floats in [16, 20, 24, 28, 32] { for _ in 0..<4 { blocks.append(.filled([floats], .nan)) } }
    }

    struct Draw {
      var state: UInt64
      init(seed: UInt64) { state = seed }

      mutating func below(_ n: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(n, 1)
      }

      mutating func shape() -> [Int] { (0..<below(4)).map { _ in below(8) == 0 ? 0 : 1 + below(3) } }

      /// A shape like another: equal, turned round, its last axis, or one axis changed.
      mutating func near(_ shape: [Int]) -> [Int] {
        var other = shape
        switch below(4) {
        case 0: return shape
        case 1: return shape.reversed()
        case 2: return Array(shape.suffix(1))
        default:
          if !other.isEmpty { other[below(other.count)] = below(4) }
          return other
        }
      }

      mutating func order(_ n: Int) -> [Int] {
        var order = Array(0..<n)
        for i in order.indices { order.swapAt(i, below(i + 1)) }
        return order
      }

      mutating func range(_ n: Int) -> Range<Int> {
        let low = below(n + 2) - 1
        return low..<low + below(n + 2)
      }

      mutating func labels(_ rows: Int, _ classes: Int) -> [Int32] {
        (0..<rows + (below(8) == 0 ? 1 : 0)).map { _ in
          below(4) == 0 ? -100 : Int32(below(classes + (below(30) == 0 ? 1 : 0)))
        }
      }
    }

    struct Op {
      var name: String
      var body: (Tensor, Tensor, inout Draw) throws -> Tensor
      init(_ name: String, _ body: @escaping (Tensor, Tensor, inout Draw) throws -> Tensor) {
        (self.name, self.body) = (name, body)
      }
    }

    static var ops: [Op] { single + pairs + layers }

    private static var single: [Op] {
      [
        Op("relu") { x, _, _ in try x.relu() }, Op("silu") { x, _, _ in try x.silu() },
        Op("gelu") { x, _, _ in try x.gelu() }, Op("geluTanh") { x, _, _ in try x.geluTanh() },
        Op("tanh") { x, _, _ in try x.tanh() }, Op("sigmoid") { x, _, _ in try x.sigmoid() },
        Op("exp") { x, _, _ in try x.exp() }, Op("log") { x, _, _ in try x.log() },
        Op("scale") { x, _, _ in try x.scaled(by: 2) }, Op("shift") { x, _, _ in try x.shifted(by: 2) },
        Op("softmax") { x, _, _ in try x.softmax() }, Op("logSoftmax") { x, _, _ in try x.logSoftmax() },
        Op("transpose") { x, _, _ in try x.transposed() },
        Op("dropout") { x, _, d in try x.dropout(0.5, Chance(seed: 1), purpose: "fuzz", step: d.below(9)) },
        Op("sum") { x, _, d in
          let axes = (0..<d.below(3)).map { _ in d.below(5) - 2 }
          return try x.sum(axes: d.below(3) == 0 ? nil : axes, keep: d.below(2) == 0)
        },
        Op("mean") { x, _, d in
          // The mean of nothing is NaN, as 0/0 is.
          if x.count == 0 { return x }
          return try x.mean(axes: d.below(3) == 0 ? nil : [d.below(5) - 2], keep: d.below(2) == 0)
        },
        Op("slice") { x, _, d in
          let axis = d.below(4) - 1
          return try x.slice(axis: axis, d.range(x.shape.indices.contains(axis) ? x.shape[axis] : 3))
        },
        Op("permute") { x, _, d in
          let order = d.order(x.shape.count)
          return try x.permuted(d.below(5) == 0 ? Array(order.dropLast()) : order)
        },
        Op("gather") { x, _, d in
          let rows = (0..<d.below(4)).map { _ in d.below(x.shape.first ?? 1) - (d.below(20) == 0 ? 1 : 0) }
          return try x.gather(rows, shape: d.below(2) == 0 ? nil : [rows.count, 1 + d.below(2)])
        },
        Op("crossEntropy") { x, _, d in try x.crossEntropy(d.labels(x.rows, x.width)).loss },
      ]
    }

    private static var pairs: [Op] {
      [
        Op("add") { x, y, _ in try x + y }, Op("subtract") { x, y, _ in try x - y },
        Op("multiply") { x, y, _ in try x * y }, Op("divide") { x, y, _ in try x.divided(by: y) },
        Op("reshape") { x, y, _ in try x.reshaped(y.shape) },
        Op("matmul") { x, y, d in
          try x.matmul(y, transposed: d.below(2) == 0, transposedSelf: d.below(2) == 0)
        },
        Op("concat") { x, y, d in try Tensor.concat([x, y], axis: d.below(4) - 1) },
        Op("meanSquaredError") { x, y, _ in try x.meanSquaredError(y) },
        Op("linear") { x, y, d in
          try x.linear(y, bias: d.below(2) == 0 ? nil : .filled([y.shape.first ?? 1], 1))
        },
        Op("bias") { x, y, _ in try x.linear(.filled([y.count, x.width], 0.5), bias: y) },
        Op("linearCrossEntropy") { x, y, d in
          try x.linearCrossEntropy(y, d.labels(x.rows, y.shape.first ?? 1)).loss
        },
        Op("rmsNorm") { x, y, _ in try x.rmsNorm(weight: y) },
        Op("scaleShift") { x, y, _ in try x.scaledAndShifted(y, y) },
        Op("layerNorm") { x, y, _ in try x.layerNorm(weight: y, bias: y) },
        Op("adamW") { x, y, _ in
          try x.plain.adamW(
            gradient: y, m: y, v: y, t: 1, rate: 0.1, betas: (0.9, 0.99), epsilon: 1e-8, decay: 0.1
          ).p
        },
        Op("sgd") { x, y, d in
          try x.plain.sgd(
            gradient: y, buffer: d.below(2) == 0 ? y : nil, rate: 0.1, momentum: 0.9, decay: 0.1
          ).p
        },
      ]
    }

    private static var layers: [Op] {
      [
        Op("low rank") { x, y, d in
          let r = d.below(3), columns: Range<Int>? = d.below(2) == 0 ? nil : d.range(y.shape.first ?? 1)
          let wide = columns?.count ?? y.shape.first ?? 1
          let input: Tensor? = d.below(3) == 0 ? x : nil
          let term = LowRankTerm(
            a: .filled([r, x.width], 0.5), b: .filled([wide, r], 0.5), scale: 0.5, input: input,
            columns: columns)
          return try x.linear(y, terms: [term, term])
        },
        Op("attention") { x, y, d in
          let width = x.shape.last ?? 1
          var form = AttentionForm(
            heads: 1 + d.below(2), headWidth: max(1, width / (1 + d.below(2))), isCausal: d.below(2) == 0)
          if d.below(4) == 0 { form.keyHeads = d.below(3) }
          if d.below(4) == 0 { form.slopes = (0..<d.below(3)).map { _ in 0.5 } }
          if d.below(3) == 0 {
            let keys = y.shape.count == 3 ? y.shape[1] : 1
            form.mask = KeyMask(
              (0..<(x.shape.first ?? 1)).map { _ in (0..<keys).map { _ in UInt8(d.below(2)) } })
          }
          let extra =
            d.below(3) == 0 ? Tensor.filled([d.below(3), form.keyHeads * form.headWidth], 0.5) : nil
          let key = d.below(2) == 0 ? x : y
          return try Tensor.attention(
            q: HeadColumns(x, column: d.below(3) - 1), k: HeadColumns(key, column: d.below(2)),
            v: HeadColumns(key),
            extra: extra.map { ($0, $0) }, form)
        },
        Op("attention with extra keys") { x, y, d in
          let form = AttentionForm(heads: 1, headWidth: max(x.width, 1), isCausal: false)
          let columns = HeadColumns(x)
          return try Tensor.attention(q: columns, k: columns, v: columns, extra: (y, y), form)
        },
      ]
    }
  }
}
