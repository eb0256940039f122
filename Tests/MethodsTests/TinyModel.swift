import Data
import Engine
import Training

@testable import Networks

/// The small models that laws are tried on: three that go on with text (GPT-2's form, Llama's with shared keys, BLOOM's),
/// one that reads a text as a whole, one that reads pictures, one that reads a text and writes an answer.
///
/// Every number of them is random and none is zero, biases too, so that nothing holds by accident.
enum TinyModel: String, CaseIterable, Sendable {
  case decoder, encoder, vision, llama, bloom, both

  /// The one that a model is.
  static func of(_ model: Model) -> TinyModel {
    allCases.first { $0.type == model.architecture.type } ?? .decoder
  }

  private var type: String {
    switch self {
    case .decoder: GPT.architecture.type
    case .encoder: BERT.architecture.type
    case .vision: ViT.architecture.type
    case .llama: "llama"
    case .bloom: "bloom"
    case .both: "t5"
    }
  }

  /// Whether it answers with a class.
  var classifies: Bool { self == .encoder || self == .vision }

  /// Whether it goes on with a text, by itself or as its answer to the beginning.
  var goesOn: Bool { !classifies }

  /// Rows of letters to go on with; who answers reads the first and writes the others.
  func alphabet(_ skills: [Int], length: Int, seed: Int) throws -> any BatchSource {
    let task = try AlphabetTask(skills: skills, length: length, seed: seed)
    return self == .both ? Answered(task: task) : AlphabetBatches(task)
  }

  /// A site that every method may be asked to sit on.
  var site: String { self == .decoder || self == .bloom ? "attn.qkv" : "attn.q" }

  /// A model of random numbers.
  func random(seed: UInt64 = 1) throws -> Model {
    let chance = Chance(seed: seed)
    return try model(chance) { name, shape in
      let drawn = Self.drawn(chance, name, shape)
      // As T5's authors draw them, its words are longer: a norm bends sharply where a vector is short.
      return self == .both && name == "embed.weight" ? try? drawn?.scaled(by: 4) : drawn
    }
  }

  /// A model that has learned two skills of the alphabet, and can be taught to choose one; only for those that go on
  /// with text.
  func schooled() throws -> Model {
    let values = try Self.lessons[self]?.get() ?? [:]
    return try model(Chance(seed: 2)) { name, shape in values[name].flatMap { try? Tensor(shape, $0) } }
  }

  private static let lessons = Dictionary(
    uniqueKeysWithValues: allCases.filter(\.goesOn).map { tiny in (tiny, Result { try tiny.lesson() }) })

  private func lesson() throws -> [String: [Float]] {
    let model = try model(Chance(seed: 2)) { _, _ in nil }, trainer = Trainer()
    trainer.state.rate = 8e-3
    (trainer.state.schedule.shape, trainer.state.schedule.total) = (.linear, 200)
    let source = try alphabet([1, 2], length: 16, seed: 3)
    for _ in 0..<200 { _ = try trainer.step(model, source) }
    return Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.value.scalars) })
  }

  private func model(_ chance: Chance, _ drawn: @escaping (String, [Int]) -> Tensor?) throws -> Model {
    Threads.shared.count = 1
    switch self {
    case .decoder:
      let model = try GPT.model(TinyGPT.form, chance: chance, source: drawn)
      model.words = TinyGPT.letters
      return model
    case .llama:
      var form = Llama.Form()
      (form.vocabulary, form.context, form.width, form.heads, form.keyHeads) = (29, 40, 32, 4, 2)
      let model = try Llama.model(form, chance: chance, source: drawn)
      model.words = TinyGPT.letters
      return model
    case .bloom:
      var form = BLOOM.Form()
      (form.vocabulary, form.context, form.width, form.heads) = (29, 40, 36, 3)
      let model = try BLOOM.model(form, chance: chance, source: drawn)
      model.words = TinyGPT.letters
      return model
    case .encoder:
      var form = BERT.Form()
      (form.vocabulary, form.context, form.width, form.heads) = (29, 40, 16, 2)
      (form.inner, form.classes, form.epsilon) = (32, 3, 1e-5)
      let model = try BERT.model(form, chance: chance, source: drawn)
      model.words = TinyGPT.letters
      return model
    case .both:
      var form = T5.Form()
      (form.vocabulary, form.context, form.width, form.heads, form.headWidth) = (29, 40, 32, 4, 6)
      (form.inner, form.buckets, form.distance) = (48, 8, 10)
      (form.isGated, form.activation, form.decoderLayers) = (true, .geluTanh, 2)
      let model = try T5.model(form, chance: chance, source: drawn)
      model.words = TinyGPT.letters
      return model
    case .vision:
      var form = ViT.Form()
      (form.size, form.patch, form.channels, form.width, form.heads) = (8, 4, 2, 16, 2)
      (form.inner, form.classes, form.epsilon) = (32, 3, 1e-5)
      return try ViT.model(form, chance: chance, source: drawn)
    }
  }

  /// Random numbers for a parameter; around 1 for a norm's scale.
  static func drawn(_ chance: Chance, _ name: String, _ shape: [Int]) -> Tensor? {
    let drawn = chance.normal(shape, deviation: 0.2, purpose: "random " + name)
    return name.contains("norm") && name.hasSuffix("weight") ? try? drawn.shifted(by: 1) : drawn
  }

  /// What they are trained on in laws; `choice` gives each row its class, where they answer with one.
  func batches(_ choice: (Int) -> Int = { $0 % 3 }) throws -> any BatchSource {
    switch self {
    case .decoder, .llama, .bloom: return try TinyGPT.batches()
    case .encoder:
      let examples = try (0..<24).map { i in
        let ids = AlphabetTask.row(start: i, skill: 1 + i % 3, length: 4 + i % 6)
        return try Example(ids: ids, labels: ids.map { _ in Example.ignored }, choice: choice(i))
      }
      let source = try ExampleBatches(
        "skills", training: examples, heldOut: [], rows: 6, filler: 0, seed: 4)
      return Segmented(source: source)
    case .vision: return try Self.pictures(choice)
    case .both:
      let examples = try (0..<24).map { i in
        let ids = AlphabetTask.row(start: i, skill: 1 + i % 3, length: 4 + i % 6)
        return try Example(reading: ids, writing: [3 + choice(i)] + (i % 2 == 0 ? [7, 8] : [7]))
      }
      return try ExampleBatches(
        "answers", training: examples, heldOut: examples, rows: 6, filler: 0, start: 0, seed: 4)
    }
  }

  /// Random pictures with the classes that `choice` gives them.
  static func pictures(_ choice: (Int) -> Int) throws -> any BatchSource {
    let pixels = Chance(seed: 3).normal([24 * 2 * 8 * 8], deviation: 1, purpose: "pictures").scalars
    let all = try Pictures(channels: 2, height: 8, width: 8, pixels)
    let set = PictureBatches.Set(all, choices: (0..<24).map(choice))
    return try PictureBatches(
      "pictures", training: set, heldOut: set, labels: ["a", "b", "c"], rows: 6, seed: 4)
  }

  /// The batch that logits are compared on.
  func batch() throws -> Batch { try batches().batch(0) }
}

/// The first letter of a row is read, the others are written.
private struct Answered: BatchSource {
  let task: AlphabetTask
  var name: String { task.name }

  func batch(_ step: Int) throws -> Batch {
    try Batch(task.examples(step: step, rows: 16).map { try $0.cut(after: 1) }, pad: 0, start: 0)
  }

  func evaluation() throws -> [Batch] { [try batch(0)] }
}

/// Texts of two segments each: the first two tokens of a row, and the rest.
private struct Segmented: BatchSource {
  let source: any BatchSource
  var name: String { source.name }

  func batch(_ step: Int) throws -> Batch {
    var batch = try source.batch(step)
    batch.types = batch.keep.map { row in
      let first = row.firstIndex(of: 1) ?? 0
      return row.indices.map { $0 < first + 2 ? 0 : row[$0] }
    }
    return batch
  }

  func evaluation() throws -> [Batch] { [try batch(0)] }
}
