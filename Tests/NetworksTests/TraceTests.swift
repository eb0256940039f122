import Engine
import Testing

@testable import Networks

struct TraceTests {
  @Test func lookingChangesNothing() throws {
    let model = try SmallGPT.model(), trace = Trace()
    let logits = try model.logits(SmallGPT.rows)
    #expect(try model.logits(SmallGPT.rows, nil, Pass(trace: trace)).hash() == logits.hash())
    #expect(trace.outputs["head"]?.hash() == logits.hash())
    #expect(Set(trace.order) == Set(model.sites.map(\.name)))
    #expect(trace.order.first == "embed" && trace.order.last == "head")
  }

  @Test func inputsAndOutputsMeet() throws {
    let model = try SmallGPT.model(), trace = Trace()
    _ = try model.logits(SmallGPT.rows, nil, Pass(trace: trace))
    func input(_ name: String) throws -> Tensor { try #require(trace.inputs[name]) }
    func output(_ name: String) throws -> Tensor { try #require(trace.outputs[name]) }
    #expect(try input("blocks.1").hash() == output("blocks.0").hash())
    #expect(try input("blocks.0.attn.qkv").hash() == output("blocks.0.norm1").hash())
    #expect(try input("blocks.0.attn.o").hash() == output("blocks.0.attn").hash())
    #expect(try input("norm").hash() == output("blocks.1").hash())
    let embedded = try output("embed") + output("positions")
    #expect(try input("blocks.0").hash() == embedded.hash())
    let residual = try input("blocks.0") + output("blocks.0.attn.o") + output("blocks.0.mlp.down")
    #expect(try output("blocks.0").largestDifference(from: residual) < 1e-6)
  }

  /// A layer's output is its weight times its input, as the trace shows both.
  @Test func numbersAreTheLayers() throws {
    let model = try SmallGPT.model(), trace = Trace { $0.name == "blocks.1.mlp.down" }
    _ = try model.logits(SmallGPT.rows, nil, Pass(trace: trace))
    #expect(trace.order == ["blocks.1.mlp.down"])
    let site = try #require(model.site("blocks.1.mlp.down"))
    let weight = try #require(site.weight).value, bias = try #require(site.bias).value
    let x = try #require(trace.inputs[site.name]).reshaped([12, 128])
    let y = try x.matmul(weight.transposed()) + bias
    #expect(try y.reshaped([2, 6, 32]).largestDifference(from: #require(trace.outputs[site.name])) < 1e-5)
  }

  @Test func probabilitiesSumToOne() throws {
    let model = try SmallGPT.model(), trace = Trace { $0.kind == .attention }
    let mask: [[UInt8]] = [[0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]]
    _ = try model.logits(SmallGPT.rows, mask, Pass(trace: trace))
    #expect(trace.attention.keys.sorted() == ["blocks.0.attn", "blocks.1.attn"])
    for all in trace.attention.values {
      #expect(all.shape == [2, 4, 6, 6])
      let p = all.scalars
      for (i, row) in stride(from: 0, to: p.count, by: 6).map({ Array(p[$0..<$0 + 6]) }).enumerated() {
        let query = i % 6, batch = i / 24
        let isPadding = mask[batch][query] == 0
        if !isPadding { #expect(abs(row.reduce(0, +) - 1) < 1e-5) }
        for key in 0..<6 where key > query || mask[batch][key] == 0 { #expect(row[key] == 0) }
      }
    }
  }

  /// Extra keys come first, every query sees them, and a row still sums to 1.
  @Test func extraKeysAreShown() throws {
    let model = try SmallGPT.model(), trace = Trace { $0.kind == .attention }, hook = Hook()
    let keys = random([2, 32], "keys"), values = random([2, 32], "values")
    try hook.place(model, "blocks.0.attn") {
      $0.keysValues = { _, old, _ in
        var new = old
        new.extra = (keys, values)
        return new
      }
    }
    let with = try model.logits(SmallGPT.rows, nil, Pass(trace: trace))
    let p = try #require(trace.attention["blocks.0.attn"])
    #expect(p.shape == [2, 4, 6, 8] && trace.attention["blocks.1.attn"]?.shape == [2, 4, 6, 6])
    let rows = p.scalars
    for start in stride(from: 0, to: rows.count, by: 8) {
      #expect(abs(rows[start..<start + 8].reduce(0, +) - 1) < 1e-5)
      #expect(rows[start] > 0 && rows[start + 1] > 0)
    }
    // The same for every row of the batch, or given by row.
    let both = try [keys, values].map {
      try Tensor.concat([$0.reshaped([1, 2, 32]), $0.reshaped([1, 2, 32])], axis: 0)
    }
    hook.remove()
    try hook.place(model, "blocks.0.attn") {
      $0.keysValues = { _, old, _ in
        var new = old
        new.extra = (both[0], both[1])
        return new
      }
    }
    #expect(try model.logits(SmallGPT.rows).largestDifference(from: with) < 1e-6)
  }
}
