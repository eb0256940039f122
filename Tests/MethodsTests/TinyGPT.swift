import Data
import Engine
import Training

@testable import Networks

/// The small decoder that laws are tried on, and the batches it reads.
///
/// Every number of it is random and none is zero, biases too, so that nothing holds by accident.
enum TinyGPT {
  static var form: GPT.Form {
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (29, 40, 32, 4, 2)
    return form
  }

  /// A model of random numbers.
  static func random(_ form: GPT.Form = form, seed: UInt64 = 1) throws -> Model {
    Threads.shared.count = 1
    let chance = Chance(seed: seed)
    let model = try GPT.model(form, chance: chance) { TinyModel.drawn(chance, $0, $1) }
    model.words = letters
    return model
  }

  /// A model that has learned two skills of the alphabet, and can be taught to choose one.
  static func schooled() throws -> Model {
    Threads.shared.count = 1
    let values = try lessons.get()
    let model = try GPT.model(form, chance: Chance(seed: 2)) { name, shape in
      values[name].flatMap { try? Tensor(shape, $0) }
    }
    model.words = letters
    return model
  }

  private static let lessons = Result { () throws -> [String: [Float]] in
    let model = try GPT.model(form, chance: Chance(seed: 2)), trainer = Trainer()
    trainer.state.rate = 8e-3
    (trainer.state.schedule.shape, trainer.state.schedule.total) = (.linear, 200)
    let source = AlphabetBatches(try AlphabetTask(skills: [1, 2], length: 16, seed: 3))
    for _ in 0..<200 { _ = try trainer.step(model, source) }
    return Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.value.scalars) })
  }

  static var letters: Words {
    let letters = CharacterTokenizer.alphabet
    return Words(encode: letters.encode, decode: letters.decode)
  }

  /// Rows of one skill, of different lengths and so padded on the left.
  static func batches(rows: Int = 6) throws -> any BatchSource {
    let examples = try (0..<24).map { i in
      try Example(ids: AlphabetTask.row(start: i, skill: 2, length: 5 + i % 8))
    }
    return SeenBatches(
      texts: try ExampleBatches("+2", training: examples, heldOut: examples, rows: rows, filler: 0, seed: 4))
  }

  static func batch() throws -> Batch { try batches().batch(0) }

  /// A batch as a model reads it.
  static func input(_ batch: Batch) -> Input { Input(batch) }
}

/// Texts with image tokens beside them, of random numbers, for methods that read such.
private struct SeenBatches: BatchSource {
  let texts: ExampleBatches
  var name: String { texts.name }

  func batch(_ step: Int) throws -> Batch {
    var batch = try texts.batch(step)
    let numbers = Chance(seed: 8).normal([batch.rows * 3 * 64], deviation: 1, purpose: "pictures", step: step)
    batch.features = Features(tokens: 3, width: 64, values: numbers.scalars)
    return batch
  }

  func evaluation() throws -> [Batch] { try texts.evaluation() }
}
