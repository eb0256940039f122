import Engine
import Methods
import Testing
import Training

@testable import Networks

/// An attachment that is off leaves the base's own answer, bit for bit, and so does a pass that asks for the base.
struct SwitchLaws {
  @Test(arguments: Tried.all) func offGivesTheBase(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let base = try model.tinyLogits().hash()
    let attachment = try model.attach(name)
    try attachment.stir()
    try model.trained(3)
    let on = try model.tinyLogits().hash()
    #expect(on != base)
    attachment.isOn = false
    #expect(try model.tinyLogits().hash() == base)
    attachment.isOn = true
    #expect(try model.tinyLogits().hash() == on)
    #expect(try model.tinyLogits(isBase: true).hash() == base)
    guard attachment.card.folds == .exact else { return }
    try attachment.fold(model)
    let folded = try model.tinyLogits().hash()
    #expect(try model.tinyLogits(isBase: true).hash() == base)
    attachment.isOn = false
    #expect(try model.tinyLogits().hash() == base)
    attachment.isOn = true
    #expect(try model.tinyLogits().hash() == folded)
  }

  /// Off beside another: the answer is the other's alone.
  @Test(arguments: TriedPair.all) func offLeavesTheOther(_ tried: TriedPair) throws {
    let (name, other) = (tried.first, tried.second), model = try tried.model.random()
    let base = try model.tinyLogits().hash()
    let first = try model.attach(other, as: "other")
    try first.stir()
    try model.trained(1)
    let alone = try model.tinyLogits().hash()
    let it = try model.attach(name, as: "it")
    try it.stir()
    it.isOn = false
    #expect(try model.tinyLogits().hash() == alone)
    first.isOn = false
    #expect(try model.tinyLogits().hash() == base)
    it.isOn = true
    try model.trained(1)
    #expect(try model.tinyLogits(isBase: true).hash() == base)
    it.isOn = false
    #expect(try model.tinyLogits().hash() == base)
  }

  /// Training what is off would move nothing: it is refused rather than done in silence.
  @Test(arguments: Tried.all) func whatIsOffDoesNotTrain(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let attachment = try model.attach(name)
    attachment.isOn = false
    let before = model.fingerprint
    #expect(throws: (any Error).self) { try model.trained(1) }
    #expect(model.fingerprint == before)
  }
}
