import Data
import Engine
import Methods
import Options
import Training

@testable import Networks

/// The small GPT that laws are tried on, and the batches it reads.
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
    let model = try GPT.model(form, chance: chance) { name, shape in
      let drawn = chance.normal(shape, deviation: 0.2, purpose: "random " + name)
      return name.contains("norm") && name.hasSuffix("weight") ? try? drawn.shifted(by: 1) : drawn
    }
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

  private static var letters: Words {
    let letters = CharacterTokenizer.alphabet
    return Words(encode: letters.encode, decode: letters.decode)
  }

  /// Rows of one skill, of different lengths and so padded on the left.
  static func batches(rows: Int = 6) throws -> ExampleBatches {
    let examples = try (0..<24).map { i in
      try Example(ids: AlphabetTask.row(start: i, skill: 2, length: 5 + i % 8))
    }
    return try ExampleBatches("+2", training: examples, heldOut: examples, rows: rows, filler: 0, seed: 4)
  }

  static func batch() throws -> Batch { try batches().batch(0) }

  /// A batch as a model reads it.
  static func input(_ batch: Batch) -> Input { Input(batch.ids, mask: batch.keep.map { $0.map(UInt8.init) }) }
}

extension Model {
  /// Logits of the law's batch.
  func tinyLogits(isBase: Bool = false) throws -> Tensor {
    try logits(TinyGPT.input(TinyGPT.batch()), Pass(isBase: isBase))
  }

  /// A hash over all numbers of the base.
  var baseBits: UInt64 { directory.parameters.reduce(0) { $1.value.hash($0) } }

  /// A hash over all numbers, those of attachments too.
  var bits: UInt64 { parameters.reduce(0) { $1.value.hash($0) } }

  /// Everything about the model that attaching, stepping, folding and detaching may change, as lines.
  var fingerprint: [String] {
    let numbers = parameters.map {
      "\($0.name) \($0.value.hash()) \($0.base?.hash() ?? 0) \($0.isTrainable) \($0.pin as Any)"
        + ($0.isPacked ? " packed by \($0.packing?.ownerName ?? "nobody")" : "")
    }
    let places = sites.filter { !$0.placed.isEmpty }.map { "\($0.name) \($0.placed.count)" }
    return numbers + places + attachments.map { "\($0.name) \($0.isOn) \($0.isFolded)" }
  }

  /// Training steps at a method's own rate; gives the losses.
  @discardableResult
  func trained(_ steps: Int, _ trainer: Trainer = Trainer(), rate: Float? = nil) throws -> [Float] {
    let source = try TinyGPT.batches()
    if let rate { trainer.state.rate = rate }
    return try (0..<steps).map { _ in try trainer.step(self, source).loss }
  }
}

/// A method of the catalog with default options, but for what the options of these names are set to, where it has
/// them.
func make<M: TuningMethod>(_ type: M.Type, _ values: [(name: String, value: OptionValue)] = []) throws -> M {
  var method = M()
  let known = values.filter { value in M.options.contains { $0.name == value.name } }
  try M.options.write(known, into: &method, of: M.card.name)
  return method
}

extension Model {
  /// Attaches a method of the catalog by its name.
  @discardableResult
  func attach(
    _ method: String, as name: String? = nil, at placement: Attachment.Placement = .init(),
    with values: [(name: String, value: OptionValue)] = []
  ) throws -> Attachment {
    func attach<M: TuningMethod>(_ type: M.Type) throws -> Attachment {
      try Attachment(make(type, values), to: self, name: name ?? method, placement: placement)
    }
    return try attach(Methods.named(method))
  }
}

extension Attachment {
  /// Gives its own numbers random changes, so that nothing is zero that only starts so.
  func stir(_ deviation: Float = 0.1) throws {
    for parameter in parameters {
      let noise = Chance(seed: 5).normal(parameter.shape, deviation: deviation, purpose: parameter.name)
      parameter.value = try parameter.value + noise
    }
  }

  var card: Card { type(of: method).card }
}

extension Tensor {
  /// The largest magnitude.
  var most: Float { scalars.reduce(0) { max($0, abs($1)) } }
}
