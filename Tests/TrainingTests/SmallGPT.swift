import Data
import Engine
import Options
import Training

@testable import Networks

/// A small GPT with random numbers everywhere, and rows of different lengths to train it on.
enum SmallGPT {
  static func model(seed: UInt64 = 1) throws -> Model {
    Threads.shared.count = 1
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (29, 24, 32, 4, 2)
    let chance = Chance(seed: seed)
    return try GPT.model(form, chance: chance) { name, shape in
      let drawn = chance.normal(shape, deviation: 0.2, purpose: "random " + name)
      return name.contains("norm") && name.hasSuffix("weight") ? try? drawn.shifted(by: 1) : drawn
    }
  }

  /// Rows padded on the left; every third token carries no loss.
  static func batches(rows: Int = 6) throws -> ExampleBatches {
    let examples = try (0..<24).map { i -> Example in
      let ids = AlphabetTask.row(start: i, skill: 2, length: 5 + i % 8)
      return try Example(ids: ids, labels: ids.enumerated().map { $0.offset % 3 == 2 ? -100 : $0.element })
    }
    return try ExampleBatches("+2", training: examples, heldOut: examples, rows: rows, filler: 0, seed: 4)
  }

  static func input(_ batch: Batch) -> Input { Input(batch.ids, mask: batch.keep.map { $0.map(UInt8.init) }) }
}

/// One batch at every step.
struct Same: BatchSource {
  let name = "the same"
  let always: Batch
  init(_ batch: Batch) { always = batch }
  func batch(_ step: Int) throws -> Batch { always }
  func evaluation() throws -> [Batch] { [always] }
}

/// Somebody who looks into a model or changes it.
final class Hook: EditOwner {
  var isOn = true
}

extension Model {
  /// A hash over all numbers.
  var bits: UInt64 { parameters.reduce(0) { $1.value.hash($0) } }
}

extension TrainerState {
  /// A hash over all that the optimiser remembers, and what else there is as text.
  var bits: String {
    let memories = memory.sorted { $0.key < $1.key }.map { name, memory in
      "\(name) \(memory.steps) \(memory.tensors.map { String($0.hash()) })"
    }
    return "\(step) \(losses.values) \(rate as Any) \(clip) \(schedule) \(optimiser) \(memories)"
  }
}
