import Engine
import Methods
import Testing
import Training

@testable import Networks

/// An attachment that is off leaves the answer of the base as it is held, bit for bit: of the packed one where it was
/// packed. A pass that asks for the base gets the base's own answer, packed or not.
struct SwitchLaws {
  @Test(arguments: Tried.all) func offGivesTheBase(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let base = try model.tinyLogits().hash()
    let attachment = try model.attach(name)
    try attachment.stir()
    try model.trained(3)
    let on = try model.tinyLogits().hash(), held = try model.heldLogits().hash()
    #expect(on != base)
    #expect((held == base) == model.packed.isEmpty)
    attachment.isOn = false
    #expect(try model.tinyLogits().hash() == held)
    attachment.isOn = true
    #expect(try model.tinyLogits().hash() == on)
    #expect(try model.tinyLogits(isBase: true).hash() == base)
    guard attachment.card.folds == .exact else { return }
    try attachment.fold(model)
    let folded = try model.tinyLogits().hash()
    #expect(try model.tinyLogits(isBase: true).hash() == base)
    attachment.isOn = false
    #expect(try model.tinyLogits().hash() == held)
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
    let others = model.directory.parameters.map { ($0, $0.value) }
    guard let it = try model.attach(name, beside: other, as: "it") else { return }
    let alone = try answer(of: first, others, over: model)
    try it.stir()
    it.isOn = false
    #expect(try model.tinyLogits().hash() == alone)
    first.isOn = false
    let held = try model.heldLogits().hash()
    #expect(try model.tinyLogits().hash() == held)
    it.isOn = true
    try model.trained(1)
    #expect(try model.tinyLogits(isBase: true).hash() == base)
    it.isOn = false
    #expect(try model.tinyLogits().hash() == held)
  }

  /// What an attachment alone makes of a base that is held as the model's is: a copy of both, by name.
  private func answer(of first: Networks.Attachment, _ base: [(Parameter, Tensor)], over model: Model) throws
    -> UInt64
  {
    let twin = try TinyModel.of(model).random()
    for (parameter, value) in base where !parameter.isPacked { twin.parameter(parameter.name)?.value = value }
    try twin.pack(
      base.compactMap { parameter, _ in
        guard !first.packs(parameter), let form = parameter.value.packing?.form,
          let own = twin.parameter(parameter.name)
        else { return nil }
        return (own, form)
      })
    func attach<M: TuningMethod>(_ method: M) throws -> Networks.Attachment {
      try Networks.Attachment(method, to: twin, name: first.name, placement: first.placement)
    }
    let copy = try attach(first.method)
    for (mine, its) in zip(copy.parameters, first.parameters) { mine.value = its.value }
    return try twin.tinyLogits().hash()
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
