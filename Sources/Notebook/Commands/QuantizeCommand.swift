import Engine
import Events
import Networks
import Options

/// `quantize`: the base's linear weights into four bits.
public struct QuantizeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "quantize", "Packs the base's linear weights into four bits.",
    formula: "w ≈ value[code]·scale of its block",
    use: "To see what four bits cost a model; attach qlora does the same and adds LoRA beside it.",
    examples: ["quantize", "quantize type=int4 block=32", "quantize double=no"],
    notes: [
      "Embeddings, norms, biases and head stay float32. Packed weights do not train; undo brings the others back.",
      "nf4: quantiles of the normal distribution; int4: evenly spaced; fp4: bitsandbytes' float; e2m1: the OCP one.",
    ], changes: true)

  /// The sixteen values.
  public var type = FourBitCode.nf4
  /// How many numbers share a scale.
  public var block = 64
  /// Whether scales are quantised too.
  public var double = true
  /// What products are computed in.
  public var compute = Compute.f32
  /// What was typed.
  public var call = Call()

  /// What products are computed in.
  public enum Compute: String, CaseIterable { case f32, bf16 }

  /// Its options.
  public static var options: [Option<QuantizeCommand>] {
    [
      Option("type", \.type, "the sixteen values"),
      Option("block", \.block, "numbers that share a scale, a power of two", in: 1...65_536),
      Option("double", \.double, "whether the scales are quantised too, in blocks of 256"),
      Option("compute", \.compute, "what products are computed in; sums are float32"),
    ]
  }

  /// NF4 in blocks of 64, double quantisation.
  public init() {}

  /// Packs them and prints what that took and changed.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), model = subject.model
    let form = FourBit.Form(type, block: block, double: double, rounds: compute == .bf16)
    let originals = session.originals(of: model.packable, in: model)
    let before = try subject.probe()
    subject.trainer.cancel()
    try model.pack(model.packable.map { ($0, form) }, originals: originals)
    session.sayPacked(model)
    try session.sayCounts(subject)
    let difference = try subject.probe().largestDifference(from: before)
    session.say("logits changed by up to " + .strong(formatted(difference)))
    return Done()
  }
}

extension Session {
  /// Whether the numbers that packing takes the place of can be kept; warns before they are let go.
  func originals(of parameters: [Parameter], in model: Model) -> Model.Originals {
    let need = model.originalBytes(parameters)
    guard need > timeline.budget else { return .kept }
    let most = Events.bytes(timeline.budget)
    emit(
      .warning(
        "the float32 weights (\(Events.bytes(need))) lie in no file and do not fit the undo memory (\(most)): they are let go. detach will leave the base packed; undo makes it again from the start."
      ))
    return .letGo
  }

  /// What is packed, and what it takes.
  func sayPacked(_ model: Model) {
    let packed = model.packed.filter { $0.value.packing != nil }
    guard let form = packed.first?.value.packing?.form else { return }
    let numbers = packed.reduce(0) { $0 + $1.count }
    let bytes = packed.reduce(0) { $0 + $1.value.storage.numberBytes }
    let bits = 8 * Double(bytes) / Double(max(numbers, 1))
    say(
      "packed \(counted(packed.count, "weight")) into " + .strong(form.code.rawValue)
        + StyledText(
          ": \(grouped(numbers)) numbers at \(formatted(bits, digits: 4)) bits, \(Events.bytes(bytes)) for \(Events.bytes(4 * numbers))"
        ))
  }
}
