import Engine
import Networks
import Options

/// Principal singular values and singular vectors adaptation: LoRA that starts as the most of W, not as nothing.
/// Meng, Wang & Zhang 2024, arXiv:2404.02948.
///
///     W = U·diag(σ)·Vᵀ        A₀ = diag(√(σᵣ/s))·Vᵣᵀ        B₀ = Uᵣ·diag(√(σᵣ/s))        r: the r largest
///     W_res = W − s·B₀·A₀        y = x·W_resᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        A, B start at A₀, B₀
///
/// The frozen part is what is left of W, and the trained part its strongest directions, so that both factors have a
/// gradient from the first step. In the formula W_res + s·B₀·A₀ is W; in numbers it differs by rounding.
///
/// Here W itself is never written: W_res stands in for it while attached, so off, detach and a second adapter meet
/// the very base. (peft puts W_res into the base.) Since ΔW = s·(B·A − B₀·A₀), it is also a plain LoRA of rank 2r:
///
///     A′ = [A; A₀]        B′ = [B, −B₀]
public struct PiSSA: TuningMethod, ScaledMethod {
  /// What it says of itself.
  public static let card = Card(
    "pissa", "LoRA that starts as the strongest part of the weight and freezes the rest.",
    formula: "y = x·(W − s·B₀·A₀)ᵀ + b + s·(drop(x)·Aᵀ)·Bᵀ        s·B₀·A₀: W's r largest singular values",
    paper: "Meng, Wang & Zhang 2024, arXiv:2404.02948",
    use: "When LoRA learns too slowly at first: both factors have a gradient from step 1 on.",
    examples: ["attach pissa r=4 alpha=4", "save adapter DIR as=lora"],
    notes: [
      "Numbers trained: r·(in + out), as LoRA; A₀ and B₀ are kept beside them, untrained.",
      "Attaching moves logits by rounding only: W_res + s·B₀·A₀ is W.",
      "The base is never written; save adapter … as=lora makes it a LoRA of rank 2r for any base.",
      "r is at most the smaller width of the weight: there are no more singular values.",
    ],
    startsAs: .rounded, folds: .exact, rate: 2e-3)

  /// The low-rank part.
  public var lora = LoRA()

  /// LoRA's options, but for how A starts.
  public static var options: [Option<PiSSA>] {
    LoRA.options.filter { $0.name != "init" }.map { $0.lifted(\.lora) }
  }

  /// With LoRA's defaults.
  public init() {}

  /// LoRA's.
  public static func targets(_ model: Model) -> [String] { LoRA.targets(model) }

  /// r·(in + out) at linear layers and parts.
  public func count(at site: Site) -> Int {
    site.kind == .linear || site.kind == .part ? lora.count(at: site) : 0
  }

  /// The residual in place of W, and the term.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard count(at: site) > 0, let w = site.matrix else { return nil }
    let s = lora.scale(at: site), (first, second) = try principal(w, s, site)
    try lora.check(site)
    let a = try scope.parameter("A", first.shape, .values(first))
    let b = try scope.parameter("B", second.shape, .values(second))
    let a0 = try scope.parameter("A0", first.shape, .values(first), isFixed: true)
    let b0 = try scope.parameter("B0", second.shape, .values(second), isFixed: true)
    func residual(_ w: Tensor) throws -> Tensor { try w - b0.value.matmul(a0.value).scaled(by: s) }
    let known = Residual()
    var edit = lora.term(a, b, at: site)
    edit.base = { w, _ in try known.of(w, a0.value, b0.value, make: residual) }
    edit.folded = { old in
      let change = try b.value.matmul(a.value).scaled(by: s)
      return Weights(weight: try residual(old.weight) + change, bias: old.bias)
    }
    edit.change = {
      let minus = try b0.value.scaled(by: -1)
      return LowRankTerm(
        a: try Tensor.concat([a.value, a0.value], axis: 0), b: try Tensor.concat([b.value, minus], axis: 1),
        scale: s)
    }
    return edit
  }

  /// A₀ [r, in] and B₀ [out, r], with s·B₀·A₀ the best approximation of W by a matrix of rank r.
  private func principal(_ w: Tensor, _ s: Float, _ site: Site) throws -> (a: Tensor, b: Tensor) {
    let r = lora.rank(at: site), most = w.shape.min() ?? 0
    guard r <= most else {
      throw Failure(
        "r=\(r) is over the width of \(site.name): a weight of \(w.shape[0])×\(w.shape[1]) has \(most) singular values.",
        cure: "At most r=\(most)")
    }
    guard s > 0 else {
      throw Failure("alpha must be above 0: pissa divides singular values by s = α/r.", cure: "alpha=\(r)")
    }
    guard !w.storage.isBlank else { throw Model.isBlankFailure("take apart") }
    let (u, sigma, vt) = try w.plain.singularDecomposition()
    let roots = sigma.prefix(r).map { ($0 / s).squareRoot() }
    let a = try vt.slice(axis: 0, 0..<r) * Tensor([r, 1], roots)
    let b = try u.slice(axis: 1, 0..<r) * Tensor([1, r], roots)
    return (a, b)
  }

  /// The residual of the last W that was asked for, so that it is computed once.
  private final class Residual {
    private var made: (from: [Tensor], tensor: Tensor)?

    func of(_ w: Tensor, _ a0: Tensor, _ b0: Tensor, make: (Tensor) throws -> Tensor) throws -> Tensor {
      if w.isTracked { return try make(w) }
      let sources = [w, a0, b0]
      if let made, zip(made.from, sources).allSatisfy({ $0.sharesNumbers(with: $1) }) { return made.tensor }
      let tensor = try make(w)
      made = (sources.map(\.plain), tensor)
      return tensor
    }
  }

  /// LoRA's checks of patterns.
  public func prepare(_ model: Model) throws { try lora.prepare(model) }

  /// LoRA's biases.
  public func trains(_ parameter: Parameter, at sites: [Site], isEverywhere: Bool) -> Bool {
    lora.trains(parameter, at: sites, isEverywhere: isEverywhere)
  }

  /// LoRA's: everything but A moves `plus` times as fast.
  public func rate(of parameter: Parameter) -> Float { lora.rate(of: parameter) }

  /// What multiplies B·A.
  public var scale: Float { lora.scale }

  /// What multiplies B·A at a site.
  public func scale(at site: Site) -> Float { lora.scale(at: site) }
}
