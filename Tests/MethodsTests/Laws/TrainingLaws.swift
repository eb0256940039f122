import Data
import Engine
import Methods
import Testing
import Training

@testable import Networks

/// What training moves, and that it learns.
struct TrainingLaws {
  @Test(arguments: Methods.names) func onlyItsOwnMoves(name: String) throws {
    let model = try TinyGPT.random()
    let attachment = try model.attach(name)
    let declared =
      model.directory.parameters.filter { attachment.claims($0) }
      + attachment.parameters.filter { !$0.isFixed }
    #expect(Set(model.trainable.map(\.name)) == Set(declared.map(\.name)))
    let before = model.parameters.map { ($0, $0.value) }
    try model.trained(3)
    for (parameter, value) in before {
      let hasMoved = parameter.value.hash() != value.hash()
      #expect(hasMoved == declared.contains { $0 === parameter }, "\(parameter.name)")
      #expect(hasMoved || parameter.value.storage === value.storage, "\(parameter.name) was copied")
    }
  }

  @Test(arguments: Methods.names) func lossFallsOnTheToyTask(name: String) throws {
    let model = try TinyGPT.schooled(), trainer = Trainer()
    try model.attach(name)
    let source = AlphabetBatches(try AlphabetTask(skills: [2], length: 12, seed: 6))
    let losses = try (0..<60).map { _ in try trainer.step(model, source).loss }
    let first = losses.prefix(5).reduce(0, +) / 5, last = losses.suffix(5).reduce(0, +) / 5
    #expect(last < 0.8 * first, "\(first) → \(last)")
  }

  @Test(arguments: Methods.names) func stacksWithLoRAInBothOrders(name: String) throws {
    for isFirst in [true, false] {
      let model = try TinyGPT.random()
      let names = isFirst ? [(name, "it"), ("lora", "other")] : [("lora", "other"), (name, "it")]
      let all = try names.map { try model.attach($0.0, as: $0.1) }
      for attachment in all { try attachment.stir() }
      let before = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.value.hash()) })
      try model.trained(2)
      for attachment in all {
        let own = attachment.parameters + model.directory.parameters.filter { attachment.claims($0) }
        for parameter in own where !parameter.isFixed {
          #expect(parameter.value.hash() != before[parameter.name], "\(parameter.name)")
        }
        let with = try model.tinyLogits()
        attachment.isOn = false
        #expect(try model.tinyLogits().largestDifference(from: with) > 0, "\(attachment.name) has no effect")
        attachment.isOn = true
      }
    }
  }
}
