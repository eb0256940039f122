import Engine
import Methods
import Options
import Testing
import Training

import class Networks.Attachment  // Testing has one too

@testable import Networks

/// What the laws do not say of LoRA and its kin: options that change what trains, and what each stands for.
struct LoRAFamilyTests {
  private func placed(_ on: String...) -> Networks.Attachment.Placement {
    var placement = Networks.Attachment.Placement()
    placement.on = on
    return placement
  }

  // MARK: LoRA's options

  @Test func ranksAndStrengthsOfTheirOwn() throws {
    let model = try TinyGPT.random()
    let values: [(name: String, value: OptionValue)] = [
      ("r", .integer(4)), ("alpha", .integer(2)),
      ("ranks", .list([.text("blocks.0.attn.qkv:2"), .text("mlp.up:3")])), ("alphas", .text("attn.o:8")),
    ]
    let it = try model.attach("lora", at: placed(Attachment.allLinear), with: values)
    #expect(it.edits.count == 8 && !it.edits.contains { $0.site.name == "head" })
    let ranks = it.edits.map { site, _ in it.parameter("A", at: site)?.shape[0] ?? 0 }
    #expect(ranks == [2, 4, 3, 4, 4, 4, 3, 4])
    let scales = try it.edits.compactMap { try $0.edit.change?().scale }
    #expect(scales == [1, 2, 2 / 3, 0.5, 0.5, 2, 2 / 3, 0.5])
    let typo = #expect(throws: Failure.self) {
      try model.attach("lora", as: "b", with: [("ranks", .text("mpl.up:3"))])
    }
    #expect(typo?.what.contains("mpl.up") == true && typo?.cure.contains("mlp.up") == true)
    #expect(throws: Failure.self) { try make(LoRA.self, [("ranks", .text("mlp.up:0"))]) }
    #expect(throws: Failure.self) { try make(LoRA.self, [("ranks", .text("mlp.up:2.5"))]) }
  }

  @Test func biasesTrainAsAsked() throws {
    func trained(_ bias: String) throws -> Set<String> {
      let model = try TinyGPT.random(), before = model.fingerprint
      let it = try model.attach("lora", with: [("bias", .text(bias))])
      let names = Set(model.trainable.map(\.name).filter { $0.hasSuffix("bias") })
      try model.trained(2)
      try it.detach(from: model)
      #expect(model.fingerprint == before)
      return names
    }
    #expect(try trained("none").isEmpty)
    #expect(try trained("lora_only") == ["blocks.0.attn.qkv.bias", "blocks.1.attn.qkv.bias"])
    #expect(try trained("all").count == 13)
    let model = try TinyGPT.random()
    let failure = #expect(throws: Failure.self) {
      try model.attach("lora", at: placed("attn.q"), with: [("bias", .text("lora_only"))])
    }
    #expect(failure?.cure.contains("attn.qkv") == true)
  }

  /// A table is a linear layer of one-hot rows: positions fold, the tied table of tokens does not.
  @Test func tablesOfVectors() throws {
    let model = try TinyGPT.random(), start = try model.tinyLogits(), before = model.fingerprint
    let it = try model.attach("lora", at: placed("positions", "embed"))
    #expect(try model.tinyLogits().largestDifference(from: start) == 0)
    let shapes = Set(it.parameters.map(\.shape))
    #expect(shapes == [[8, 29], [32, 8], [8, 40]])
    try it.stir()
    let tape = Tape()
    let gradients = try tape.gradients(of: LanguageLoss(model, TinyGPT.batch(), Pass(tape: tape)).loss)
    #expect(it.parameters.allSatisfy { (gradients[$0.value]?.most ?? 0) > 0 })
    #expect(throws: Failure.self) { try it.fold(model) }
    try it.detach(from: model)
    let other = try model.attach("lora", at: placed("positions"))
    try other.stir()
    let logits = try model.tinyLogits()
    #expect(try logits.largestDifference(from: start) > 0.01)
    try other.fold(model)
    #expect(try model.tinyLogits().largestDifference(from: logits) < 1e-5 * logits.most)
    try other.detach(from: model)
    #expect(model.fingerprint == before)
  }

  @Test func plusMovesBFaster() throws {
    func steps(_ plus: Double) throws -> (a: Float, b: Float) {
      let model = try TinyGPT.random()
      let it = try model.attach("lora", with: [("plus", .number(plus))])
      let before = it.parameters.map(\.value)
      try model.trained(2, rate: 1e-3)
      let moved = try zip(it.parameters, before).map { try $0.value.largestDifference(from: $1) }
      return (moved[0], moved[1])
    }
    let plain = try steps(1), fast = try steps(16)
    #expect(fast.b > 10 * plain.b && fast.b < 20 * plain.b)
    #expect(fast.a < 2 * plain.a)
  }

  @Test func ranksOverTheWidthAreRemarkedOn() throws {
    let model = try TinyGPT.random(), site = try #require(model.site("blocks.0.attn.qkv"))
    let wide = try make(LoRA.self, [("r", .integer(33))])
    #expect(wide.remarks(at: [site]).first?.contains("no change of it has a rank over 32") == true)
    #expect(LoRA().remarks(at: [site]).isEmpty)
    let failure = #expect(throws: Failure.self) { try model.attach("pissa", with: [("r", .integer(33))]) }
    #expect(failure?.cure.contains("r=32") == true)
    #expect(throws: Failure.self) { try model.attach("pissa", with: [("alpha", .integer(0))]) }
    #expect(model.attachments.isEmpty)
  }

  @Test func placesWithoutUseAreNamed() throws {
    let model = try TinyGPT.random(), before = model.fingerprint
    for name in ["lora", "dora", "pissa", "ia3"] {
      let failure = #expect(throws: Failure.self) { try model.attach(name, at: placed("attn.o", "norm1")) }
      #expect(failure?.what.contains("norm1") == true && failure?.what.contains("nothing") == true)
    }
    #expect(model.fingerprint == before)
  }

  // MARK: What each stands for

  /// After training, each row of W′ is exactly as long as m says, whatever B·A became.
  @Test func dorasRowsHaveTheLengthsOfM() throws {
    let model = try TinyGPT.random()
    let it = try model.attach("dora", at: placed("attn.q", "mlp.up"))
    try it.stir()
    try model.trained(3)
    for (site, edit) in it.edits {
      let w = try #require(site.matrix)
      let folded = try edit.folded?(Weights(weight: w))
      let weight = try #require(folded).weight
      let m = try #require(it.parameter("m", at: site)).value
      #expect(try weight.rowNorms().reshaped([m.count]).largestDifference(from: m.absolute()) < 1e-5 * m.most)
    }
  }

  @Test func dorasDropoutThinsTheChangeOnly() throws {
    let model = try TinyGPT.random()
    let it = try model.attach("dora", with: [("dropout", .number(0.5))])
    let input = TinyGPT.input(try TinyGPT.batch()), still = try model.logits(input, Pass())
    // Nothing has changed yet, so there is nothing to thin.
    #expect(try model.logits(input, Pass(isTraining: true)).largestDifference(from: still) == 0)
    try it.stir()
    let plain = try model.logits(input, Pass())
    #expect(try model.logits(input, Pass(isTraining: true)).largestDifference(from: plain) > 1e-3)
  }

  @Test func rowsOfZerosStayZeros() throws {
    let model = try TinyGPT.random(), weight = try #require(model.parameter("blocks.0.attn.qkv.weight"))
    weight.value = Tensor.zeros(weight.shape)
    let start = try model.tinyLogits()
    try model.attach("dora")
    #expect(try model.tinyLogits().largestDifference(from: start) == 0)
    #expect(try model.trained(2).allSatisfy(\.isFinite))
  }

  /// W_res has lost the r largest singular values, and the base none of its bits.
  @Test func pissaTakesTheLargestSingularValues() throws {
    let model = try TinyGPT.random(), bits = model.baseBits
    let it = try model.attach("pissa", with: [("r", .integer(3)), ("alpha", .integer(6))])
    #expect(model.baseBits == bits)
    for (site, edit) in it.edits {
      let w = try #require(site.matrix)
      let left = try edit.base?(w, Pass())
      let residual = try #require(left)
      let all = try w.singularValues(), rest = try residual.singularValues()
      #expect(zip(rest, all[3...]).allSatisfy { abs($0 - $1) < 1e-4 * all[0] })
      let a = try #require(it.parameter("A", at: site)).value,
        b = try #require(it.parameter("B", at: site)).value
      let whole = try residual + b.matmul(a).scaled(by: 2)
      #expect(try whole.largestDifference(from: w) < 1e-5 * w.most)
      #expect(abs(a.norm - b.norm) < 1e-4 * a.norm, "the roots go to both factors alike")
    }
    #expect(it.parameters.filter(\.isFixed).count == 4)
    try model.trained(3)
    #expect(model.baseBits == bits)
    // A second adapter on the same base is the same with PiSSA there or not: W was never touched.
    it.isOn = false
    let alone = try model.tinyLogits()
    try it.detach(from: model)
    #expect(try model.tinyLogits().hash() == alone.hash())
  }

  @Test func pissaIsALoRAOfTwiceTheRank() throws {
    for on in [["attn.qkv"], ["attn.q", "attn.v", "mlp.down"]] {
      let model = try TinyGPT.random()
      var placement = Networks.Attachment.Placement()
      placement.on = on
      let it = try model.attach("pissa", at: placement, with: [("r", .integer(3)), ("rslora", .flag(true))])
      try it.stir()
      let logits = try model.tinyLogits()
      let lora = try LoRA.equal(to: it, on: model, name: "as-lora")
      it.isOn = false
      #expect((lora.method as? LoRA)?.r == 6)
      #expect(try model.tinyLogits().largestDifference(from: logits) < 1e-5 * logits.most)
    }
    let model = try TinyGPT.random()
    for name in ["dora", "ia3", "prompt"] {
      let it = try model.attach(name), before = model.fingerprint
      #expect(throws: Failure.self) { try LoRA.equal(to: it, on: model, name: "no") }
      #expect(model.fingerprint == before)
    }
  }

  @Test func ia3SitsWhereThePaperSaysOrWherePeftDoes() throws {
    let model = try TinyGPT.random(), it = try model.attach("ia3")
    #expect(Set(it.edits.map(\.site.localName)) == ["attn.k", "attn.v", "mlp.down"])
    #expect(Set(it.parameters.map(\.shape)) == [[32, 1], [1, 128]])
    try it.detach(from: model)
    let peft = try model.attach("ia3", with: [("like", .text("peft"))])
    #expect(Set(peft.edits.map(\.site.localName)) == ["attn.qkv", "mlp.down"])
  }
}

extension Tensor {
  fileprivate func absolute() throws -> Tensor { try Tensor(shape, scalars.map { abs($0) }) }
}
