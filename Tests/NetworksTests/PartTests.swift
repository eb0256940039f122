import Engine
import Testing

@testable import Networks

/// Parts of a fused layer are sites of their own: they read what the layer reads and give their slice.
struct PartTests {
  private let qkv = "blocks.0.attn.qkv"

  private func run(_ model: Model, _ pass: Pass? = nil) throws -> (y: Tensor, logits: Tensor) {
    let trace = Trace(), pass = pass ?? Pass(trace: trace)
    if pass.trace == nil { pass.trace = trace }
    let logits = try model.logits(SmallGPT.rows, nil, pass)
    return (try #require(pass.trace?.outputs[qkv]), logits)
  }

  @Test func partsSeeTheirSlice() throws {
    let model = try SmallGPT.model(), trace = Trace()
    _ = try model.logits(SmallGPT.rows, nil, Pass(trace: trace))
    let whole = try #require(trace.outputs[qkv])
    for (i, part) in ["q", "k", "v"].enumerated() {
      let name = "blocks.0.attn.\(part)"
      #expect(trace.outputs[name]?.hash() == (try whole.slice(axis: 2, i * 32..<(i + 1) * 32)).hash())
      #expect(trace.inputs[name]?.hash() == trace.inputs[qkv]?.hash())
    }
  }

  /// LoRA on q, k and v is LoRA on the whole with A stacked and B in blocks; so are the gradients.
  @Test func threeTermsAreOneOfBlocks() throws {
    let model = try SmallGPT.model(), hook = Hook()
    let a = ["q", "k", "v"].map { random([4, 32], "A" + $0) },
      b = ["q", "k", "v"].map { random([32, 4], "B" + $0) }
    let wide = try Tensor.concat(a, axis: 0)
    var blocks = [Float](repeating: 0, count: 96 * 12)
    for (part, factor) in b.enumerated() {
      let numbers = factor.scalars
      for row in 0..<32 {
        for column in 0..<4 { blocks[(part * 32 + row) * 12 + part * 4 + column] = numbers[row * 4 + column] }
      }
    }
    let tall = try Tensor([96, 12], blocks)
    func gradients(_ leaves: [Tensor]) throws -> (Tensor, [Tensor]) {
      let tape = Tape()
      let logits = try model.logits(SmallGPT.rows, nil, Pass(tape: tape))
      let found = try tape.gradients(of: (logits * logits).sum())
      return (logits, try leaves.map { try #require(found[$0]) })
    }
    for (i, part) in ["q", "k", "v"].enumerated() {
      try hook.place(model, "blocks.0.attn.\(part)") {
        $0.term = { _, pass in Self.term(a[i], b[i], pass) }
      }
    }
    let parts = try gradients(a + b)
    hook.remove()
    try hook.place(model, qkv) { $0.term = { _, pass in Self.term(wide, tall, pass) } }
    let whole = try gradients([wide, tall])
    #expect(try parts.0.largestDifference(from: whole.0) < 1e-5 * whole.0.most)
    for part in 0..<3 {
      let da = try whole.1[0].slice(axis: 0, part * 4..<part * 4 + 4)
      let db = try whole.1[1].slice(axis: 0, part * 32..<part * 32 + 32).slice(
        axis: 1, part * 4..<part * 4 + 4)
      #expect(try parts.1[part].largestDifference(from: da) < 1e-5 * da.most)
      #expect(try parts.1[3 + part].largestDifference(from: db) < 1e-5 * db.most)
    }
  }

  private static func term(_ a: Tensor, _ b: Tensor, _ pass: Pass) -> LowRankTerm {
    LowRankTerm(a: pass.tape?.track(a) ?? a, b: pass.tape?.track(b) ?? b, scale: 2)
  }

  @Test func anOutputEditChangesOnlyItsColumns() throws {
    let model = try SmallGPT.model(), hook = Hook()
    let before = try run(model)
    try hook.place(model, "blocks.0.attn.k") { $0.output = { _, y, _ in try y.scaled(by: 2) } }
    let after = try run(model)
    let slices = try [before.y, after.y].map { y in
      try (0..<3).map { try y.slice(axis: 2, $0 * 32..<$0 * 32 + 32) }
    }
    #expect(slices[0][0].hash() == slices[1][0].hash() && slices[0][2].hash() == slices[1][2].hash())
    #expect(try slices[0][1].scaled(by: 2).hash() == slices[1][1].hash())
    #expect(try after.logits.largestDifference(from: before.logits) > 0.01)
    hook.remove()
    #expect(try run(model).logits.hash() == before.logits.hash())
    #expect(model.site(qkv)?.isPlain(Pass()) == true)
  }

  /// A part that reads something else is computed by itself, and keeps all low-rank terms.
  @Test(arguments: ["nothing", "whole", "part", "both"]) func aPartMayReadOtherwise(terms: String) throws {
    let model = try SmallGPT.model(), hook = Hook(), reader = Hook()
    let a = random([4, 32], "a"), b = random([96, 4], "b"), c = random([32, 4], "c")
    if terms == "whole" || terms == "both" {
      try hook.place(model, qkv) { $0.term = { _, _ in LowRankTerm(a: a, b: b, scale: 0.5) } }
    }
    if terms == "part" || terms == "both" {
      try hook.place(model, "blocks.0.attn.q") { $0.term = { _, _ in LowRankTerm(a: a, b: c, scale: 0.5) } }
    }
    let before = try run(model)
    try reader.place(model, "blocks.0.attn.q") { $0.input = { x, _ in try x.scaled(by: 1) } }
    #expect(try run(model).y.largestDifference(from: before.y) < 1e-5)
    reader.remove()
    try reader.place(model, "blocks.0.attn.q") { $0.input = { x, _ in try x.scaled(by: 0) } }
    let after = try run(model).y
    let bias = try #require(model.parameter("blocks.0.attn.qkv.bias")).value
    // Nothing read: only the bias is left of q, and k and v are untouched.
    #expect(try after.at(1, 3).slice(axis: 0, 0..<32).hash() == bias.slice(axis: 0, 0..<32).hash())
    #expect(try after.slice(axis: 2, 32..<96).hash() == before.y.slice(axis: 2, 32..<96).hash())
  }

  @Test func aWeightStandsIn() throws {
    let model = try SmallGPT.model(), hook = Hook()
    let weight = try #require(model.site(qkv)?.weight).value
    let before = try run(model)
    let own = random([32, 32], "own")
    try hook.place(model, "blocks.0.attn.v") { $0.base = { _, _ in own } }
    let part = try run(model).y
    hook.remove()
    let all = try Tensor.concat([weight.slice(axis: 0, 0..<64), own], axis: 0)
    try hook.place(model, qkv) { $0.base = { _, _ in all } }
    #expect(try run(model).y.largestDifference(from: part) < 1e-5)
    #expect(try part.largestDifference(from: before.y) > 0.01)
  }
}
