import Engine
import Methods
import Options
import Training

@testable import Networks

extension Model {
  /// Logits of the law's batch.
  func tinyLogits(isBase: Bool = false) throws -> Tensor {
    try logits(Input(TinyModel.of(self).batch()), Pass(isBase: isBase))
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
    let source = try TinyModel.of(self).batches()
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
