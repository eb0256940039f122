import Engine
import Methods
import Options
import Testing

@testable import Networks

/// A method folds exactly, or refuses with a reason and changes nothing.
struct FoldingLaws {
  @Test(arguments: Tried.all) func foldsOrRefuses(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let base = model.baseBits, baseLogits = try model.tinyLogits().hash()
    let attachment = try model.attach(name)
    try attachment.stir()
    try model.trained(2)
    let before = model.fingerprint, logits = try model.tinyLogits()
    guard attachment.card.folds == .exact else {
      try refuses(model) { try attachment.fold(model) }
      return
    }
    try attachment.fold(model)
    #expect(model.baseBits != base)
    let folded = try model.tinyLogits()
    #expect(try folded.largestDifference(from: logits) < 1e-5 * logits.most)
    #expect(
      attachment.edits.allSatisfy { $0.site.placed.isEmpty && $0.site.isPlain(Pass()) }, "edits are left")
    #expect(attachment.parameters.allSatisfy { !$0.isTrainable })
    #expect(try model.tinyLogits(isBase: true).hash() == baseLogits)
    try refuses(model) { try attachment.fold(model) }
    try attachment.unfold(model)
    #expect(model.fingerprint == before)
    #expect(try model.tinyLogits().hash() == logits.hash())
    try refuses(model) { try attachment.unfold(model) }
    try attachment.fold(model)
    try attachment.detach(from: model)
    #expect(model.baseBits == base && model.attachments.isEmpty)
  }

  /// With any other method there, before or after it.
  @Test(arguments: TriedPair.all) func foldsBesideOthers(_ tried: TriedPair) throws {
    let (name, other) = (tried.first, tried.second)
    for isFirst in [true, false] {
      let model = try tried.model.random()
      let start = model.fingerprint
      let order = isFirst ? [(name, "it"), (other, "other")] : [(other, "other"), (name, "it")]
      let first = try model.attach(order[0].0, as: order[0].1)
      guard let second = try model.attach(order[1].0, beside: order[0].0, as: order[1].1) else { continue }
      let all = [first, second]
      let it = all[isFirst ? 0 : 1], others = all[isFirst ? 1 : 0]
      guard it.card.folds == .exact else { return }
      for attachment in all { try attachment.stir() }
      try model.trained(1)
      let before = model.fingerprint, logits = try model.tinyLogits()
      do {
        try it.fold(model)
        #expect(try model.tinyLogits().largestDifference(from: logits) < 1e-5 * logits.most)
        try it.unfold(model)
      } catch let failure as Failure {
        #expect(!failure.what.isEmpty)  // a refusal is honest; a different answer is not
      }
      #expect(model.fingerprint == before)
      #expect(try model.tinyLogits().hash() == logits.hash(), "unfolding changes the order of edits")
      try? it.fold(model)
      do { try others.detach(from: model) } catch {
        try it.unfold(model)
        try others.detach(from: model)
      }
      try it.detach(from: model)
      #expect(model.fingerprint == start)
    }
  }

  /// What was folded later stands on what was folded earlier.
  @Test func foldsComeOutInReverse() throws {
    let model = try TinyGPT.random()
    let start = model.fingerprint
    let a = try model.attach("lora", as: "a"), b = try model.attach("lora", as: "b")
    for attachment in [a, b] {
      try attachment.stir()
      try attachment.fold(model)
    }
    try refuses(model) { try a.unfold(model) }
    try refuses(model) { try a.detach(from: model) }
    try b.unfold(model)
    try a.unfold(model)
    for attachment in [a, b] { try attachment.detach(from: model) }
    #expect(model.fingerprint == start)
  }

  /// What trains a weight cannot leave from under a fold into it: the fold would be lost.
  @Test func whatLiesUnderAFoldStays() throws {
    let model = try TinyGPT.random()
    let start = model.fingerprint
    let lora = try model.attach("lora"), full = try model.attach("full")
    try lora.stir()
    try model.trained(1)
    try lora.fold(model)
    let logits = try model.tinyLogits()
    try refuses(model) { try full.detach(from: model) }
    #expect(try model.tinyLogits().hash() == logits.hash())
    try lora.unfold(model)
    try full.detach(from: model)
    try lora.detach(from: model)
    #expect(model.fingerprint == start)
  }

  /// The head's weight is the embedding's too.
  @Test func aTiedWeightIsNotFoldedInto() throws {
    let model = try TinyGPT.random()
    var placement = Attachment.Placement()
    placement.on = ["head"]
    let lora = try model.attach("lora", at: placement)
    try lora.stir()
    try refuses(model) { try lora.fold(model) }
  }

  private func refuses(_ model: Model, _ act: () throws -> Void) throws {
    let before = model.fingerprint
    let failure = try #require(throws: Failure.self, performing: act)
    #expect(failure.what.count > 15)
    #expect(model.fingerprint == before)
  }
}
