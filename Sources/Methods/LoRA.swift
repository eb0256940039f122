import Engine
import Networks
import Options

/// Low-rank adaptation: the weight stays frozen and learns a change of low rank beside it.
/// Hu et al. 2021, arXiv:2106.09685; the scale α/√r is Kalajdzievski 2023, arXiv:2312.03732; B's own learning rate
/// (LoRA+) is Hayou et al. 2024, arXiv:2402.12354.
///
///     y = x·Wᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        A: [r, in], B: [out, r], s = α/r  (rslora: α/√r)
///
/// A starts uniform in ±1/√in and B at zero, so the model starts exactly where it was: ΔW = s·B·A = 0. At the first
/// step only B has a gradient, since A's goes through B. After training ΔW can be added to W and then costs nothing.
///
/// A table of vectors is a linear layer that reads one-hot rows: there A starts at zero and B at random.
public struct LoRA: TuningMethod, ScaledMethod {
  /// What it says of itself.
  public static let card = Card(
    "lora", "Adds a trainable change of low rank beside chosen weights.",
    formula: "y = x·Wᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        s = α/r, or α/√r with rslora",
    paper: "Hu et al. 2021, arXiv:2106.09685; rslora: Kalajdzievski 2023, arXiv:2312.03732",
    use: "The first thing to try: close to full tuning at about 1 % of its numbers, and free once merged.",
    examples: [
      "attach lora", "attach lora r=4 alpha=8 on=attn.q,attn.v", "attach lora r=64 rslora=yes layers=0..3",
      "attach lora on=all-linear ranks=mlp.up:16 plus=16",
    ],
    notes: [
      "Numbers trained: r·(in + out) for each weight it sits on.",
      "α is not divided away by itself: doubling r at the same α halves s, unless rslora is on.",
      "On a fused projection (attn.qkv, peft's default for GPT-2) q, k and v share one A.",
      "init=gaussian draws A normal with deviation 1/r, as peft does under that name.",
      "plus=16 is LoRA+ (arXiv:2402.12354): B, and biases that train, move 16 times as fast as A.",
      "On a table (on=embed) nothing is dropped out, as in peft.",
    ],
    startsAs: .unchanged, folds: .exact, rate: 5e-3)

  /// How A starts.
  public enum Start: String, CaseIterable, Sendable { case uniform, gaussian }
  /// Which biases of the base train too.
  public enum Biases: String, CaseIterable, Sendable {
    case none, all
    case loraOnly = "lora_only"
  }

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
  /// Ranks of their own for some sites.
  public var ranks: [SiteNumber] = []
  /// Strengths of their own for some sites.
  public var alphas: [SiteNumber] = []
  /// Which biases of the base train too.
  public var bias = Biases.none
  /// How many times as fast as A the rest moves.
  public var plus: Float = 1

  /// Its options.
  public static var options: [Option<LoRA>] {
    [
      Option("r", \.r, "rank of the change; 4 to 16 is often enough", in: 1...65_536),
      Option("alpha", \.alpha, "strength α; the change is scaled by α/r"),
      Option("dropout", \.dropout, "share of inputs hidden from the change while training", in: 0...0.99),
      Option("rslora", \.rslora, "scale by α/√r, which stays useful at high ranks"),
      Option("init", \.`init`, "how A starts; B is always zero"),
      Option("ranks", \.ranks, "ranks of their own for some sites", in: 1...65_536, isWhole: true),
      Option("alphas", \.alphas, "strengths of their own for some sites"),
      Option("bias", \.bias, "which biases of the base train too"),
      Option("plus", \.plus, "LoRA+: B's learning rate as a multiple of A's", in: 1...1024),
    ]
  }

  /// With peft's defaults: r = 8, α = 8.
  public init() {}

  // MARK: Where

  /// As peft has it for the architecture; every linear layer where it has no default.
  public static func targets(_ model: Model) -> [String] {
    model.architecture.targets["lora"] ?? [Attachment.allLinear]
  }

  /// r·(in + out) at linear layers, parts and tables.
  public func count(at site: Site) -> Int {
    let kinds: [Site.Kind] = [.linear, .part, .embedding]
    return kinds.contains(site.kind) ? rank(at: site) * (site.width.in + site.width.out) : 0
  }

  /// The rank at a site: that of the first pattern that fits, else r.
  public func rank(at site: Site) -> Int { ranks.number(at: site).map { Int($0) } ?? r }

  /// What multiplies B·A where no pattern says otherwise.
  public var scale: Float { scale(alpha, r) }

  /// What multiplies B·A at a site.
  public func scale(at site: Site) -> Float { scale(alphas.number(at: site) ?? alpha, rank(at: site)) }

  private func scale(_ alpha: Float, _ r: Int) -> Float {
    rslora ? alpha / Float(r).squareRoot() : alpha / Float(r)
  }

  /// Throws where a pattern of ranks or alphas fits nothing.
  public func prepare(_ model: Model) throws {
    try ranks.check("ranks", in: model)
    try alphas.check("alphas", in: model)
  }

  /// Ranks that no change of the weight could have, and patterns for places where it does not sit.
  public func remarks(at sites: [Site]) -> [String] {
    var remarks: [String] = []
    if let first = sites.first(where: { rank(at: $0) > min($0.width.in, $0.width.out) }) {
      remarks.append(
        "r=\(rank(at: first)) is over the width of \(first.name): no change of it has a rank over "
          + "\(min(first.width.in, first.width.out)), so the rest is numbers without use.")
    }
    for row in ranks + alphas where !sites.contains(where: { SitePattern(row.site).matches($0) }) {
      remarks.append("\(row) has no effect: it does not sit on \(row.site). on= chooses the places.")
    }
    return remarks
  }

  // MARK: What

  /// A low-rank term.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard count(at: site) > 0 else { return nil }
    let (a, b) = try factors(site, scope)
    var edit = term(a, b, at: site)
    let (scale, isTable) = (scale(at: site), site.kind == .embedding)
    edit.folded = { old in
      let change = try b.value.matmul(a.value).scaled(by: scale)  // ΔW = s·B·A, [out, in]
      return Weights(weight: try old.weight + (isTable ? change.transposed() : change), bias: old.bias)
    }
    edit.change = { LowRankTerm(a: a.value, b: b.value, scale: scale) }
    return edit
  }

  /// A and B, one of them zero.
  func factors(_ site: Site, _ scope: Scope) throws -> (a: Parameter, b: Parameter) {
    try check(site)
    let r = rank(at: site), isTable = site.kind == .embedding
    let bound = 1 / Float(site.width.in).squareRoot()
    let start = `init` == .uniform ? Networks.Start.uniform(bound) : .normal(1 / Float(r))
    let a = try scope.parameter("A", [r, site.width.in], isTable ? .zeros : start)
    let b = try scope.parameter("B", [site.width.out, r], isTable ? .normal(1) : .zeros)
    return (a, b)
  }

  /// Throws where a part of a fused layer would need a part of a bias.
  func check(_ site: Site) throws {
    guard bias == .loraOnly, site.kind == .part else { return }
    throw Failure(
      "bias=lora_only cannot train \(site.name)'s part of a bias only.",
      cure: "Use on=\(site.whole?.localName ?? "attn.qkv"), or bias=all")
  }

  /// s·(drop(x)·Aᵀ)·Bᵀ
  func term(_ a: Parameter, _ b: Parameter, at site: Site) -> Edit {
    let (scale, name) = (scale(at: site), a.name)
    let dropout = site.kind == .embedding ? 0 : dropout
    var edit = Edit()
    edit.term = { x, pass in
      let hidden = try pass.dropout(x, dropout, name)
      return LowRankTerm(
        a: pass.read(a), b: pass.read(b), scale: scale, input: dropout > 0 && pass.isTraining ? hidden : nil)
    }
    return edit
  }

  // MARK: How it trains

  /// Biases of the base, as `bias` says.
  public func trains(_ parameter: Parameter, at sites: [Site], isEverywhere: Bool) -> Bool {
    switch bias {
    case .none: return false
    case .all: return parameter.leaf == "bias"
    case .loraOnly: return sites.contains { $0.bias === parameter && count(at: $0) > 0 }
    }
  }

  /// LoRA+: everything but A moves `plus` times as fast.
  public func rate(of parameter: Parameter) -> Float { parameter.leaf == "A" ? 1 : plus }
}
