import Engine
import Formats
import Networks
import Options

/// What was written is read back at once: copies of a model to try it on. They share all numbers.
enum RoundTrip {
  /// The base without what is attached.
  static func copy(_ model: Model) throws -> Model {
    guard let known = BaseForms.named(model.architecture.type) else {
      throw Failure("there is no file form for \(model.architecture.type).")
    }
    let config = BaseConfig(known.config(of: model), path: "the model")
    let copy = try known.init(config: config).model(chance: model.chance) { name, _ in
      model.directory.parameter(name).map { ($0.base ?? $0.value).plain }
    }
    copy.words = model.words
    return copy
  }

  /// The same attachment onto a copy; without its encoder, if it has one, which another may have lent.
  static func attach(_ attachment: Attachment, of model: Model, to copy: Model) throws {
    let attachment = try attachment.settled(of: model) ?? attachment
    func attach<M: TuningMethod>(_ method: M) throws {
      let made = try Attachment(
        method, to: copy, name: attachment.name, placement: attachment.placement, originals: .packedBefore)
      for (parameter, source) in zip(
        made.parameters + made.head, attachment.parameters + attachment.head)
      {
        parameter.value = source.value
      }
      for parameter in model.directory.parameters where attachment.claims(parameter) && !attachment.isFolded {
        copy.directory.parameter(parameter.name)?.value = parameter.value.plain
      }
    }
    try attach(attachment.method)
  }

  /// The largest difference of two models' logits on tokens spread over the vocabulary; fewer, where what is attached
  /// leaves little room.
  static func difference(_ one: Model, _ other: Model) throws -> Float {
    let context = one.size(one.architecture.sizes.context) ?? 8
    func difference(_ count: Int) throws -> Float {
      let input = one.sample(count)
      return try one.logits(input, Pass()).largestDifference(from: other.logits(input, Pass()))
    }
    return try (try? difference(max(1, min(16, context / 2)))) ?? difference(1)
  }
}
