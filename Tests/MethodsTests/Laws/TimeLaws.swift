import Engine
import Methods
import Options
import Testing
import Training

@testable import Networks

/// A state that was kept brings back every bit, and from there all goes as it went.
struct TimeLaws {
  @Test(arguments: Tried.all, Optimisers.all.map { $0.card.name })
  func goingBackAndForthIsExact(_ tried: Tried, optimiser: String) throws {
    let name = tried.method, model = try tried.model.random(), trainer = Trainer()
    trainer.state.optimiser = try Self.optimiser(optimiser)
    try model.attach(name, with: [("dropout", .number(0.25))])
    let first = try model.trained(5, trainer)
    let kept = (model.state, trainer.state), bits = model.bits
    let there = try model.trained(15, trainer), end = model.bits
    #expect(trainer.state.losses.values == first + there)
    model.restore(kept.0)
    trainer.state = kept.1
    #expect(model.bits == bits && trainer.state.step == 5 && trainer.state.losses.values == first)
    let again = try model.trained(15, trainer)
    #expect(again == there)
    #expect(model.bits == end)
  }

  /// Dropout is really drawn, and anew at each step.
  @Test(arguments: Tried.all) func dropoutIsDrawnWhereThereIsOne(_ tried: Tried) throws {
    let name = tried.method
    func losses(_ share: Double) throws -> [Float]? {
      let model = try tried.model.random()
      let attachment = try model.attach(name, with: [("dropout", .number(share))])
      try attachment.stir(0.3)
      func has<M: TuningMethod>(_: M.Type) -> Bool { M.options.contains { $0.name == "dropout" } }
      return try has(Methods.named(name)) ? model.trained(3) : nil
    }
    guard let without = try losses(0), let with = try losses(0.5) else { return }
    #expect(zip(without, with).allSatisfy { $0 != $1 })
  }

  /// Attaching, switching, folding and detaching are gone back over too, in any direction.
  @Test(arguments: Tried.all) func statesOfAttachmentsComeBack(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    var moments: [(ModelState, [String], UInt64)] = []
    func remember() throws { moments.append((model.state, model.fingerprint, try model.tinyLogits().hash())) }
    try remember()
    let it = try model.attach(name, as: "it")
    try it.stir()
    try remember()
    try model.trained(2)
    try remember()
    let lora = try model.attach("lora", as: "other")
    try lora.stir()
    try model.trained(1)
    try remember()
    if (try? it.fold(model)) != nil {
      try remember()
      try it.unfold(model)
      try remember()
    }
    lora.isOn = false
    try remember()
    try it.detach(from: model)
    try remember()
    try lora.detach(from: model)
    try remember()
    let order = Array(moments.indices)
    for i in order.reversed() + order + [0, moments.count - 1, 2, 4, 1, 3, 0] {
      model.restore(moments[i].0)
      #expect(model.fingerprint == moments[i].1, "moment \(i)")
      #expect(try model.tinyLogits().hash() == moments[i].2, "moment \(i)")
    }
  }

  private static func optimiser(_ name: String) throws -> any Optimiser {
    func make<O: Optimiser>(_ type: O.Type) throws -> any Optimiser {
      var optimiser = O()
      let values: [(name: String, value: OptionValue)] = [
        ("momentum", .number(0.5)), ("decay", .number(0.25)),
      ]
      let known = values.filter { value in O.options.contains { $0.name == value.name } }
      try O.options.write(known, into: &optimiser, of: name)
      return optimiser
    }
    return try make(Optimisers.named(name))
  }
}
