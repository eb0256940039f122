import Engine
import Networks
import Options

/// Low-rank adaptation: the weight stays frozen and learns a change of low rank beside it.
/// Hu et al. 2021, arXiv:2106.09685; the scale α/√r is Kalajdzievski 2023, arXiv:2312.03732.
///
///     y = x·Wᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        A: [r, in], B: [out, r], s = α/r  (rslora: α/√r)
///
/// A starts uniform in ±1/√in and B at zero, so the model starts exactly where it was: ΔW = s·B·A = 0. At the first
/// step only B has a gradient, since A's goes through B. After training ΔW can be added to W and then costs nothing.
public struct LoRA: TuningMethod, ScaledMethod {
  /// What it says of itself.
  public static let card = Card(
    "lora", "Adds a trainable change of low rank beside chosen weights.",
    formula: "y = x·Wᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        s = α/r, or α/√r with rslora",
    paper: "Hu et al. 2021, arXiv:2106.09685; rslora: Kalajdzievski 2023, arXiv:2312.03732",
    use: "The first thing to try: close to full tuning at about 1 % of its numbers, and free once merged.",
    examples: [
      "attach lora", "attach lora r=4 alpha=8 on=attn.q,attn.v", "attach lora r=64 rslora=yes layers=0..3",
    ],
    notes: [
      "Numbers trained: r·(in + out) for each weight it sits on.",
      "α is not divided away by itself: doubling r at the same α halves s, unless rslora is on.",
      "On a fused projection (attn.qkv, peft's default for GPT-2) q, k and v share one A.",
      "init=gaussian draws A normal with deviation 1/r, as peft does under that name.",
    ],
    startsAs: .unchanged, folds: .exact, rate: 5e-3)

  /// How A starts.
  public enum Start: String, CaseIterable, Sendable { case uniform, gaussian }

  /// The rank of the change.
  public var r = 8
  /// The strength, which is divided by r.
  public var alpha: Float = 8
  /// The share of inputs hidden from the change while training.
  public var dropout: Float = 0
  /// Whether s = α/√r.
  public var rslora = false
  /// How A starts.
  public var `init` = Start.uniform

  /// Its options.
  public static var options: [Option<LoRA>] {
    [
      Option("r", \.r, "rank of the change; 4 to 16 is often enough", in: 1...65_536),
      Option("alpha", \.alpha, "strength α; the change is scaled by α/r"),
      Option("dropout", \.dropout, "share of inputs hidden from the change while training", in: 0...0.99),
      Option("rslora", \.rslora, "scale by α/√r, which stays useful at high ranks"),
      Option("init", \.`init`, "how A starts; B is always zero"),
    ]
  }

  /// With peft's defaults: r = 8, α = 8.
  public init() {}

  /// What multiplies B·A.
  public var scale: Float { rslora ? alpha / Float(r).squareRoot() : alpha / Float(r) }

  /// As peft has it for the architecture; every linear layer where it has no default.
  public static func targets(_ model: Model) -> [String] {
    model.architecture.targets["lora"]
      ?? Array(Set(model.sites.filter { $0.kind == .linear }.map(\.localName)))
  }

  /// A low-rank term at linear layers and their parts.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard count(at: site) > 0 else { return nil }
    let bound = 1 / Float(site.width.in).squareRoot()
    let a = try scope.parameter(
      "A", [r, site.width.in], `init` == .uniform ? .uniform(bound) : .normal(1 / Float(r)))
    let b = try scope.parameter("B", [site.width.out, r], .zeros)
    let (scale, dropout, name) = (scale, dropout, a.name)
    var edit = Edit()
    edit.term = { x, pass in
      let hidden = try pass.dropout(x, dropout, name)
      return LowRankTerm(
        a: pass.read(a), b: pass.read(b), scale: scale, input: dropout > 0 && pass.isTraining ? hidden : nil)
    }
    edit.folded = { old in
      let change = try b.value.matmul(a.value).scaled(by: scale)  // ΔW = s·B·A, [out, in]
      return Weights(weight: try old.weight + change, bias: old.bias)
    }
    return edit
  }

  /// r·(in + out) at linear layers and parts.
  public func count(at site: Site) -> Int {
    site.kind == .linear || site.kind == .part ? r * (site.width.in + site.width.out) : 0
  }
}
