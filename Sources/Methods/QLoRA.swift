import Engine
import Networks
import Options

/// QLoRA: the frozen base lies in four bits, and LoRA learns beside it. Dettmers et al. 2023, arXiv:2305.14314.
///
///     y = x·Ŵᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        Ŵ = value[code]·scale of its block, s = α/r
///
/// W is only read, never moved, so it can be stored coarsely: sixteen values times the largest magnitude of each block
/// of 64. Products unpack it for themselves alone; the gradient goes back through Ŵ into x, and only A and B, in
/// float32, move. nf4 places its sixteen values where normal weights are; the scales are quantised too (`double`).
/// What rounding lost in W, the adapter can learn to give back.
public struct QLoRA: TuningMethod, ScaledMethod {
  /// What it says of itself.
  public static let card = Card(
    "qlora", "LoRA beside a base that is packed into four bits.",
    formula: "y = x·Ŵᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        Ŵ = value[code]·scale of its block",
    paper: "Dettmers, Pagnoni, Holtzman & Zettlemoyer 2023, arXiv:2305.14314",
    use: "When the base itself is what fills the memory: about an eighth of float32, a little less exact.",
    examples: [
      "attach qlora", "attach qlora type=int4 block=32 on=attn.q,attn.v",
      "attach qlora compute=bf16 r=64 alpha=16",
    ],
    notes: [
      "Packed are the weights of linear layers in blocks; embeddings, norms, biases and head stay float32.",
      "Bits a packed weight: 4 + 8/64 + 32/(64·256) = 4.127; without double 4.5.",
      "The codes never change. detach gives the exact weights back: from the base's file, or from memory.",
      "The paper takes r=64 alpha=16 on all linear layers and computes in bf16; here compute=f32 is the default,",
      "as in transformers, since most processors gain nothing from bf16.",
      "peft stores the adapter as LORA; save model writes a packed base as bitsandbytes does.",
    ],
    startsAs: .changed, folds: .exact, rate: 5e-3)

  /// The sixteen values of the code.
  public enum Code: String, CaseIterable, Sendable { case nf4, fp4, int4 }

  /// What products are computed in; sums are float32 always.
  public enum Compute: String, CaseIterable, Sendable { case f32, bf16 }

  /// The code of the base.
  public var type = Code.nf4
  /// How many numbers share a scale.
  public var block = 64
  /// Whether the scales are quantised too.
  public var double = true
  /// What products with the base are computed in.
  public var compute = Compute.f32
  /// The rank of the change.
  public var r = 8
  /// The strength, which is divided by r.
  public var alpha: Float = 8
  /// The share of inputs hidden from the change while training.
  public var dropout: Float = 0

  /// Its options.
  public static var options: [Option<QLoRA>] {
    [
      Option("type", \.type, "code of the base: nf4, fp4 (bitsandbytes) or int4"),
      Option("block", \.block, "numbers that share a scale, a power of two", in: 1...65_536),
      Option("double", \.double, "whether the scales are quantised too"),
      Option("compute", \.compute, "what products with the base are computed in"),
      Option("r", \.r, "rank of the change; 4 to 16 is often enough", in: 1...65_536),
      Option("alpha", \.alpha, "strength α; the change is scaled by α/r"),
      Option("dropout", \.dropout, "share of inputs hidden from the change while training", in: 0...0.99),
    ]
  }

  /// NF4 in blocks of 64, double quantisation, r = 8, α = 8.
  public init() {}

  /// How the base is packed.
  public var form: FourBit.Form {
    FourBit.Form(
      FourBitCode(rawValue: type.rawValue) ?? .nf4, block: block, double: double, rounds: compute == .bf16)
  }

  /// The change beside the weight, which is LoRA's.
  private var lora: LoRA {
    var lora = LoRA()
    (lora.r, lora.alpha, lora.dropout) = (r, alpha, dropout)
    return lora
  }

  /// What multiplies B·A.
  public var scale: Float { lora.scale }

  /// Every linear layer in blocks, as in the paper.
  public static func targets(_ model: Model) -> [String] {
    Array(Set(model.sites.filter { $0.kind == .linear && $0.layer != nil }.map(\.localName)))
  }

  /// Every linear weight that may be packed.
  public func codec(for parameter: Parameter) -> (any Codec)? { form }

  /// LoRA's term.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? { try lora.edit(site, scope) }

  /// r·(in + out) at linear layers and parts; the base gains no numbers.
  public func count(at site: Site) -> Int { lora.count(at: site) }
}
