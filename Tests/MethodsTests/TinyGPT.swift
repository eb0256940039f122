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
    try TinyModel.decoder.schooled()
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
