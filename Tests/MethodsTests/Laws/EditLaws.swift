import Engine
import Options
import Testing

@testable import Networks

/// What the catalog's methods may do later, tried with small methods of the tests' own.
struct EditLaws {
  /// It trains biases of the base and folds its own change: unfolding keeps what the biases learned.
  @Test func foldingAndTrainingTheBaseTogether() throws {
    let model = try TinyGPT.random()
    let start = model.fingerprint
    let it = try Attachment(ShiftAndTrain(), to: model, name: "it")
    try it.stir()
    try model.trained(2)
    let trained = model.fingerprint, logits = try model.tinyLogits()
    try it.fold(model)
    #expect(try model.tinyLogits().largestDifference(from: logits) < 1e-5 * logits.most)
    try it.unfold(model)
    #expect(model.fingerprint == trained)
    try it.fold(model)
    try it.detach(from: model)
    #expect(model.fingerprint == start)
  }

  /// A scale of the output folds, but not past a low-rank term that it scales too.
  @Test func aScaleDoesNotFoldPastATerm() throws {
    for isFirst in [true, false] {
      let model = try TinyGPT.random()
      let lora = isFirst ? nil : try model.attach("lora")
      let scaled = try Attachment(Scaled(), to: model, name: "scaled")
      try scaled.stir()
      let alone = try model.tinyLogits()
      if isFirst {
        try scaled.fold(model)
        #expect(try model.tinyLogits().largestDifference(from: alone) < 1e-5 * alone.most)
        try scaled.unfold(model)
      }
      let other = try lora ?? model.attach("lora")
      try other.stir()
      let both = try model.tinyLogits(), before = model.fingerprint
      let failure = #expect(throws: Failure.self) { try scaled.fold(model) }
      #expect(failure?.what.contains("lora") == true)
      #expect(model.fingerprint == before)
      try other.fold(model)
      try scaled.fold(model)
      #expect(try model.tinyLogits().largestDifference(from: both) < 1e-5 * both.most)
      for attachment in [scaled, other] { try attachment.unfold(model) }
      #expect(model.fingerprint == before)
      #expect(try model.tinyLogits().hash() == both.hash())
    }
  }

  /// A change that needs a bias gives one to a layer without it, and takes it back when it leaves.
  @Test func aMissingBiasComesAndGoes() throws {
    let model = try TinyGPT.random()
    let head = try #require(model.site("head"))
    let bare = Site("bare", .linear, width: head.width, weight: Parameter("bare.weight", .zeros([29, 32])))
    model.directory.add(bare)
    var placement = Attachment.Placement()
    placement.on = ["bare"]
    let it = try Attachment(ShiftAndTrain(), to: model, name: "it", placement: placement)
    try it.stir()
    let before = model.fingerprint, weight = try #require(bare.weight).value
    try it.fold(model)
    #expect(bare.bias?.name == "bare.bias" && model.parameter("bare.bias") === bare.bias)
    #expect(bare.bias?.value.hash() == it.parameters[0].value.hash())
    #expect(bare.weight?.value.storage === weight.storage)
    try it.unfold(model)
    #expect(bare.bias == nil && model.fingerprint == before)
  }

  /// Two parameters that start as one memory are still two.
  @Test func copiesOfAWeightTrainByThemselves() throws {
    let model = try TinyGPT.random()
    try model.attach("full")
    let copy = try Attachment(Copy(), to: model, name: "copy")
    let weight = try #require(model.parameter("blocks.0.attn.o.weight"))
    #expect(copy.parameters[0].value.storage !== weight.value.storage)
    #expect(copy.parameters[0].value.hash() == weight.value.hash())
  }
}

/// y + s at the layers up, with the norms' biases trained beside it.
private struct ShiftAndTrain: TuningMethod {
  static let card = Card("shift", "Shifts.", folds: .exact)
  static func targets(_ model: Model) -> [String] { ["mlp.up"] }
  func trains(_ parameter: Parameter) -> Bool { parameter.name.hasSuffix("mlp.up.bias") }
  func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    let s = try scope.parameter("s", [site.width.out], .zeros)
    var edit = Edit()
    edit.output = { _, y, pass in try y + pass.read(s) }
    edit.folded = { Weights(weight: $0.weight, bias: try $0.bias.map { try $0 + s.value } ?? s.value) }
    return edit
  }
}

/// y·l at the fused projection.
private struct Scaled: TuningMethod {
  static let card = Card("scaled", "Scales.", folds: .exact)
  static func targets(_ model: Model) -> [String] { ["attn.qkv"] }
  func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    let l = try scope.parameter("l", [site.width.out], .ones)
    var edit = Edit()
    edit.output = { _, y, pass in try y * pass.read(l) }
    edit.folded = {
      let column = try l.value.reshaped([l.count, 1])
      return Weights(weight: try $0.weight * column, bias: try $0.bias.map { try $0 * l.value })
    }
    return edit
  }
}

/// Holds a copy of a weight.
private struct Copy: TuningMethod {
  static let card = Card("copy", "Copies.")
  static func targets(_ model: Model) -> [String] { ["blocks.0.attn.o"] }
  func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard let weight = site.weight else { return nil }
    _ = try scope.parameter("W", weight.shape, .values(weight.value))
    return Edit()
  }
}
