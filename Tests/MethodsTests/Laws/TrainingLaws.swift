import Data
import Engine
import Methods
import Testing
import Training

@testable import Networks

/// What training moves, and that it learns.
struct TrainingLaws {
  @Test(arguments: Tried.all) func onlyItsOwnMoves(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let attachment = try model.attach(name)
    let declared =
      model.directory.parameters.filter { attachment.claims($0) }
      + attachment.parameters.filter { !$0.isFixed }
    #expect(Set(model.trainable.map(\.name)) == Set(declared.map(\.name)))
    let before = model.parameters.map { ($0, $0.value) }
    try model.trained(3)
    for (parameter, value) in before {
      let hasMoved = parameter.value.hash() != value.hash()
      let isIdle = attachment.method.idle(parameter, in: model) != nil
      #expect(hasMoved == (declared.contains { $0 === parameter } && !isIdle), "\(parameter.name)")
      #expect(hasMoved || isIdle || parameter.value.storage === value.storage, "\(parameter.name) was copied")
    }
  }

  /// Who goes on with text is to choose one of two skills it knows, the others to answer all with the class that they find
  /// least likely: a nudge, which every method can give by itself. The head stays as it is.
  @Test(arguments: Tried.all) func lossFallsOnTheToyTask(_ tried: Tried) throws {
    let (model, source) = try toy(tried.model), trainer = Trainer()
    var placement = Attachment.Placement()
    placement.head = false
    try model.attach(tried.method, at: placement)
    let steps = tried.model.goesOn ? 60 : 100
    let losses = try (0..<steps).map { _ in try trainer.step(model, source).loss }
    let first = losses.prefix(5).reduce(0, +) / 5, last = losses.suffix(5).reduce(0, +) / 5
    #expect(last < 0.8 * first, "\(first) → \(last)")
  }

  private func toy(_ tiny: TinyModel) throws -> (Model, any BatchSource) {
    if tiny.goesOn {
      return (try tiny.schooled(), try tiny.alphabet([2], length: 12, seed: 6))
    }
    let model = try tiny.random()
    let sources = try (0..<3).map { choice in try tiny.batches { _ in choice } }
    let losses = try sources.map { try Loss(model, $0.batch(0), Pass()).loss.item }
    return (model, sources[losses.indices.max { losses[$0] < losses[$1] } ?? 0])
  }

  @Test(arguments: Tried.all) func stacksWithLoRAInBothOrders(_ tried: Tried) throws {
    let name = tried.method
    for isFirst in [true, false] {
      let model = try tried.model.random()
      let names = isFirst ? [(name, "it"), ("lora", "other")] : [("lora", "other"), (name, "it")]
      let all = try names.map { try model.attach($0.0, as: $0.1) }
      for attachment in all { try attachment.stir() }
      let before = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.value.hash()) })
      try model.trained(2)
      for attachment in all {
        let own = attachment.parameters + model.directory.parameters.filter { attachment.claims($0) }
        for parameter in own where !parameter.isFixed {
          let hasMoved = parameter.value.hash() != before[parameter.name]
          #expect(hasMoved == (attachment.method.idle(parameter, in: model) == nil), "\(parameter.name)")
        }
        // What one that came later trains too is that one's while it is on.
        let later = model.attachments.drop { $0 !== attachment }.dropFirst()
        guard !own.allSatisfy({ one in later.contains { $0.claims(one) } }) else { continue }
        let with = try model.tinyLogits()
        attachment.isOn = false
        #expect(try model.tinyLogits().largestDifference(from: with) > 0, "\(attachment.name) has no effect")
        attachment.isOn = true
      }
    }
  }
}
