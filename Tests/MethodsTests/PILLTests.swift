import Data
import Engine
import Methods
import Options
import Testing
import Training

@testable import Networks

/// What is particular to PILL: experts by modality, gates on image values, two stages.
struct PILLTests {
  private func model(_ values: [(name: String, value: OptionValue)] = []) throws -> (
    Model, Networks.Attachment
  ) {
    let model = try TinyGPT.random()
    return (model, try model.attach("pill", with: values))
  }

  private func gradients(_ model: Model, _ batch: Batch) throws -> [String: Float] {
    let tape = Tape()
    let all = try tape.gradients(of: LanguageLoss(model, batch, Pass(tape: tape)).loss)
    return Dictionary(uniqueKeysWithValues: model.trainable.map { ($0.name, all[$0.value]?.norm ?? 0) })
  }

  private func textOnly() throws -> Batch {
    var batch = try TinyGPT.batch()
    batch.features = nil
    return batch
  }

  @Test func textAloneLeavesVisionAlone() throws {
    let (model, it) = try model()
    let base = try model.logits(Input(textOnly()), Pass(isBase: true))
    #expect(try model.logits(Input(textOnly()), Pass()).hash() == base.hash(), "adapters start as nothing")
    try it.stir(0.2)
    let norms = try gradients(model, textOnly())
    for (name, norm) in norms {
      let isVision = name.contains("vision") || name.hasSuffix("gate") || name.hasSuffix("projection")
      #expect((norm == 0) == isVision, "\(name) \(norm)")
    }
  }

  @Test func allLearnsFromPicturesButTheLastVisionExpert() throws {
    let (model, it) = try model()
    try it.stir(0.2)
    for (name, norm) in try gradients(model, TinyGPT.batch()) {
      #expect((norm == 0) == name.hasPrefix("blocks.1.norm2.pill.vision"), "\(name) \(norm)")
    }
    for parameter in it.parameters {
      #expect(
        (it.method.idle(parameter, in: model) != nil)
          == parameter.name.hasPrefix("blocks.1.norm2.pill.vision"))
    }
  }

  /// Shut gates: no image value enters, but the keys take their share; the gate itself wants to open.
  @Test func shutGatesLeak() throws {
    let (model, it) = try model()
    let trace = Trace { $0.name.hasSuffix("attn.v") || $0.kind == .attention }
    _ = try model.logits(Input(TinyGPT.batch()), Pass(trace: trace))
    let values = try #require(trace.outputs["blocks.0.attn.v"])
    #expect(try values.slice(axis: 1, 0..<3).scalars.allSatisfy { $0 == 0 })
    #expect(try values.slice(axis: 1, 3..<values.shape[1]).most > 0.1)
    let attention = try #require(trace.attention["blocks.0.attn"])
    let last = attention.shape[2] - 1
    #expect(try attention.slice(axis: 2, last..<last + 1).slice(axis: 3, 0..<3).sum().item > 0.1)
    let norms = try gradients(model, TinyGPT.batch())
    #expect(norms["blocks.0.attn.v.pill.gate"] ?? 0 > 0)
    _ = it
  }

  @Test func expertsAreChosenByPosition() throws {
    let (model, it) = try model()
    func norm2() throws -> (images: Tensor, texts: Tensor) {
      let trace = Trace { $0.name == "blocks.0.norm2" }
      _ = try model.logits(Input(TinyGPT.batch()), Pass(trace: trace))
      let n = try #require(trace.outputs["blocks.0.norm2"])
      return (try n.slice(axis: 1, 0..<3), try n.slice(axis: 1, 3..<n.shape[1]))
    }
    let before = try norm2()
    for (kind, isImage) in [("vision", true), ("text", false)] {
      let up = try #require(it.parameters.first { $0.name == "blocks.0.norm2.pill.\(kind).U" })
      let kept = up.value
      up.value = .filled(up.shape, 0.3)
      let after = try norm2()
      #expect((after.images.hash() != before.images.hash()) == isImage)
      #expect((after.texts.hash() != before.texts.hash()) == !isImage)
      up.value = kept
    }
  }

  /// By hand: n + U·(silu(G·n) ⊙ D·n), and v·tanh(W·n).
  @Test func numbersAreThoseOfTheFormulas() throws {
    let (model, it) = try model([("m", .integer(5))])
    try it.stir(0.3)
    let trace = Trace { _ in true }
    _ = try model.logits(Input(textOnly()), Pass(trace: trace))
    let x = try #require(trace.inputs["blocks.0.norm1"]), y = try #require(trace.outputs["blocks.0.norm1"])
    func value(_ name: String) throws -> Tensor {
      try #require(it.parameters.first { $0.name == name }).value
    }
    let path = "blocks.0.norm1.pill."
    let (d, g, u) = (try value(path + "D"), try value(path + "G"), try value(path + "U"))
    let n = try x.layerNorm(
      weight: #require(model.parameter("blocks.0.norm1.weight")).value,
      bias: #require(model.parameter("blocks.0.norm1.bias")).value)
    let gate = try n.linear(g)
    let inner = try gate * gate.sigmoid() * n.linear(d)
    #expect(try (n + inner.linear(u)).largestDifference(from: y) < 1e-5)
    let seen = Trace { _ in true }
    _ = try model.logits(Input(TinyGPT.batch()), Pass(trace: seen))
    let read = try #require(seen.inputs["blocks.0.attn.v"]),
      gave = try #require(seen.outputs["blocks.0.attn.v"])
    let site = try #require(model.site("blocks.0.attn.v")), rows = try #require(site.columns?.range)
    let v = try read.linear(
      #require(site.weight).value.slice(axis: 0, rows), bias: #require(site.bias).value.slice(axis: 0, rows))
    let open = try read.linear(value("blocks.0.attn.v.pill.gate")).tanh()
    let (b, t, w) = (v.shape[0], v.shape[1], v.width)
    let (plain, opened, out) = (v.scalars, open.scalars, gave.scalars)
    for i in 0..<b * t * w {
      let place = i / w, head = i % w / (w / 4)
      let factor = place % t < 3 ? opened[place * 4 + head] : 1
      #expect(abs(out[i] - factor * plain[i]) < 1e-5)
    }
  }

  @Test func stagesHoldWhatTheyTrain() throws {
    let (all, _) = try model(), (align, it) = try model([("stage", .text("align"))])
    let adapter = 3 * 32 * 32, gate = 4 * 32, projection = 32 * 64
    let whole = 2 * (3 * adapter + gate) + projection
    #expect(all.trainableCount == whole)
    #expect(align.trainableCount == 2 * adapter + projection)
    #expect(it.parameters.allSatisfy { $0.name.contains("vision") || $0.name == "pill.projection" })
    // The authors' code sends text through the vision expert of the last block while aligning.
    let (repo, other) = try model([("stage", .text("align")), ("like", .text("repo"))])
    for (model, attachment, isText) in [(align, it, false), (repo, other, true)] {
      try attachment.stir(0.2)
      let norm = try gradients(model, textOnly())["blocks.1.norm2.pill.vision.U"]
      #expect((norm ?? 0 > 0) == isText)
    }
  }

  @Test func otherWidthsAreNamed() throws {
    let (model, _) = try model([("features", .integer(8))])
    let failure = #expect(throws: Failure.self) { try model.logits(Input(TinyGPT.batch()), Pass()) }
    #expect(failure?.cure.contains("features=64") == true)
  }

  @Test func generationSeesThePictureOnce() throws {
    let (model, it) = try model()
    try it.stir(0.3)
    var batch = try Batch([Example(ids: [1, 2, 3])], pad: 0)
    batch.features = try TinyGPT.batch().features.map { $0.picked([0]) }
    let features = Input(batch).features
    let made = try model.generate([[1, 2, 3]], count: 4, features: features)[0]
    var ids = [1, 2, 3]
    for token in made {
      var input = Input([ids])
      input.features = features
      let logits = try model.logits(input, Pass())
      let last = try logits.slice(axis: 1, ids.count - 1..<ids.count).scalars
      #expect(last.indices.max { last[$0] < last[$1] } == token)
      ids.append(token)
    }
    #expect(try model.generate([[1, 2, 3]], count: 4)[0].count == 4)
  }
}
