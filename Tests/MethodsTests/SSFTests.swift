import Engine
import Methods
import Options
import Testing

@testable import Networks

/// What is particular to scaling and shifting, and to folding it where biases are missing.
struct SSFTests {
  @Test func sitsWhereThePaperHasIt() throws {
    let model = try TinyGPT.random()
    let ssf = try model.attach("ssf")
    let names = Set(ssf.edits.map(\.site.localName))
    #expect(names == ["norm1", "attn.qkv", "attn.o", "norm2", "mlp.up", "mlp.down", "norm"])
    // 22·d in a block, 2·d at the last norm.
    #expect(model.trainableCount == 2 * 22 * 32 + 2 * 32)
  }

  @Test func identityIsExact() throws {
    let model = try TinyGPT.random(), before = try model.tinyLogits().hash()
    try model.attach("ssf", with: [("init", .text("identity"))])
    #expect(try model.tinyLogits().hash() == before)
  }

  @Test func paperStartsNearIt() throws {
    let ssf = try TinyGPT.random().attach("ssf")
    for (leaf, mean) in [("scale", Float(1)), ("shift", 0)] {
      let all = ssf.parameters.filter { $0.leaf == leaf }.flatMap(\.value.scalars)
      let average = all.reduce(0, +) / Float(all.count)
      let square = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(all.count)
      #expect(abs(average - mean) < 2e-3 && abs(square.squareRoot() - 0.02) < 1e-3)
    }
  }

  /// γ₂(γ₁y + β₁) + β₂: the first goes in first; the second before it would be another answer, and is refused.
  @Test func twoCompose() throws {
    let model = try TinyGPT.random(), start = model.fingerprint
    let first = try model.attach("ssf", as: "first"), second = try model.attach("ssf", as: "second")
    for attachment in [first, second] { try attachment.stir() }
    let before = model.fingerprint, logits = try model.tinyLogits()
    let failure = #expect(throws: Failure.self) { try second.fold(model) }
    #expect(failure?.what.contains("first") == true && model.fingerprint == before)
    try first.fold(model)
    #expect(try model.tinyLogits().largestDifference(from: logits) < 1e-5 * logits.most)
    try second.fold(model)
    #expect(try model.tinyLogits().largestDifference(from: logits) < 1e-5 * logits.most)
    try second.unfold(model)
    try first.unfold(model)
    #expect(model.fingerprint == before)
    for attachment in [first, second] { try attachment.detach(from: model) }
    #expect(model.fingerprint == start)
  }

  /// A stretched output stretches what LoRA adds to it, too; once LoRA is in the weight, all is well.
  @Test func foldsAfterLoRAOnly() throws {
    let model = try TinyGPT.random()
    let ssf = try model.attach("ssf"), lora = try model.attach("lora")
    for attachment in [ssf, lora] { try attachment.stir() }
    let before = model.fingerprint, logits = try model.tinyLogits()
    let failure = #expect(throws: Failure.self) { try ssf.fold(model) }
    #expect(failure?.what.contains("lora") == true && failure?.cure.contains("Merge") == true)
    #expect(model.fingerprint == before)
    try lora.fold(model)
    try ssf.fold(model)
    #expect(try model.tinyLogits().largestDifference(from: logits) < 1e-5 * logits.most)
  }

  /// A norm without a bias hands its shift on, and layers without one are given one; taken out, all is as before.
  @Test func missingBiasesComeAndGo() throws {
    let model = try BareNet.model()
    #expect(model.directory.parameters.allSatisfy { $0.leaf == "weight" })
    let start = model.fingerprint, base = try logits(model)
    let ssf = try model.attach("ssf")
    try ssf.stir()
    let before = model.fingerprint, there = try logits(model), unfolded = model.state
    #expect(try there.largestDifference(from: base) > 0.01)
    try ssf.fold(model)
    let grown = model.directory.parameters.filter(\.isGrown).map(\.name)
    #expect(grown == ["blocks.0.up.bias", "blocks.0.down.bias", "head.bias"])
    #expect(try logits(model).largestDifference(from: there) < 1e-5 * there.most)
    #expect(model.site("blocks.0.norm")?.bias == nil && model.trainable.isEmpty)
    #expect(try logits(model, isBase: true).hash() == base.hash())
    ssf.isOn = false
    #expect(try logits(model).hash() == base.hash())
    ssf.isOn = true

    let folded = model.state, record = model.record, print = model.fingerprint
    try ssf.unfold(model)
    #expect(model.fingerprint == before && model.site("head")?.bias == nil)
    #expect(try logits(model).hash() == there.hash())
    model.restore(folded)
    #expect(model.fingerprint == print)
    model.restore(unfolded)
    #expect(model.fingerprint == before)
    try model.restore(record)
    #expect(model.fingerprint == print)
    try ssf.detach(from: model)
    #expect(model.fingerprint == start)
    #expect(try logits(model).hash() == base.hash())
  }

  /// A record of a fold goes onto another copy of the model; one that does not fit leaves no bias behind.
  @Test func recordsBringGrownBiases() throws {
    let model = try BareNet.model(), ssf = try model.attach("ssf")
    try ssf.fold(model)
    var record = model.record
    let copy = try BareNet.model()
    try copy.attach("ssf")
    let before = copy.fingerprint
    try copy.restore(record)
    #expect(copy.fingerprint == model.fingerprint)
    try copy.attachments[0].unfold(copy)
    #expect(copy.fingerprint == before)
    record.entries[0].value = .zeros([1])
    #expect(throws: Failure.self) { try copy.restore(record) }
    #expect(copy.fingerprint == before)
  }

  /// What the layer after a norm reads in another way would miss the shift.
  @Test func aShiftIsNotHandedPastOthers() throws {
    let model = try BareNet.model()
    var placement = Attachment.Placement()
    placement.on = ["norm"]
    let ssf = try model.attach("ssf", at: placement)
    placement.on = ["up"]
    let lora = try model.attach("lora", at: placement)
    for attachment in [ssf, lora] { try attachment.stir() }
    let there = try logits(model)
    let failure = #expect(throws: Failure.self) { try ssf.fold(model) }
    #expect(failure?.what.contains("lora") == true)
    try lora.fold(model)
    try ssf.fold(model)
    #expect(try logits(model).largestDifference(from: there) < 1e-5 * there.most)
  }

  private func logits(_ model: Model, isBase: Bool = false) throws -> Tensor {
    try model.logits(Input([[1, 5, 2, 7], [3, 3, 0, 10]]), Pass(isBase: isBase))
  }
}

/// A network of a block whose norms and layers have no biases: x ← x + down(gelu(up(rms(x)))), and a head of its own.
private struct BareNet: Network {
  let embed: Embedding, up: Linear, down: Linear, output: Linear, norms: [(site: Site, weight: Parameter)]
  var head: Site { output.site }

  init(_ scope: Scope) throws {
    func norm(_ scope: Scope) throws -> (site: Site, weight: Parameter) {
      let weight = try scope.parameter("weight", [8], .uniform(1))
      return (scope.site(.norm, width: (8, 8), weight: weight), weight)
    }
    let block = scope.child("blocks").child(0)
    embed = try Embedding(scope.child("embed"), count: 11, width: 8, start: .normal(1))
    let first = try norm(block.child("norm"))
    up = try Linear(block.child("up"), in: 8, out: 12, bias: false, start: .normal(0.5))
    down = try Linear(block.child("down"), in: 12, out: 8, bias: false, start: .normal(0.5))
    let last = try norm(scope.child("last"))
    output = try Linear(scope.child("head"), in: 8, out: 11, bias: false, start: .normal(0.5))
    norms = [first, last]
    first.site.readers = [up.site]
    last.site.readers = [output.site]
  }

  static func model() throws -> Model {
    Threads.shared.count = 1
    return try Model(GPT.architecture, config: [("n_positions", .integer(8))], chance: Chance(seed: 9)) {
      try BareNet($0)
    }
  }

  func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    func normed(_ x: Tensor, _ norm: (site: Site, weight: Parameter)) throws -> Tensor {
      try norm.site.run(x, pass) { try $0.rmsNorm(weight: pass.read(norm.weight)) }
    }
    let x = try embed(input.ids, pass)
    let y = try x + down(up(normed(x, norms[0]), pass).geluTanh(), pass)
    let sequence = Sequence(embeddings: x, mask: input.ids.map { $0.map { _ in 1 } })
    return Hidden(try normed(y, norms[1]), of: sequence)
  }

  func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }
}
