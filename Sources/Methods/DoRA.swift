import Engine
import Networks
import Options

/// Weight-decomposed low-rank adaptation: how long each row of the weight is, and where it points, are learned
/// apart. Liu et al. 2024, arXiv:2402.09353.
///
///     V = W + s·B·A        W′ = m ⊙ V/‖V‖        y = x·W′ᵀ + b        m: [out], ‖V‖: the length of each row
///
/// Full tuning turns rows without stretching them, or the other way round; LoRA's one product does both at once. Here
/// B·A turns and m stretches. m starts at the rows' own lengths ‖W‖ and B at zero, so W′ = W exactly.
///
/// In the backward pass ‖V‖ counts as a constant, as in the paper's section 4.3: less memory, nearly the same
/// accuracy. So the gradients of A and B are by design not quite the derivative of the loss.
public struct DoRA: TuningMethod, ScaledMethod {
  /// What it says of itself.
  public static let card = Card(
    "dora", "Learns the length of each weight row by itself, and its direction by a LoRA.",
    formula: "y = x·W′ᵀ + b        W′ = m ⊙ V/‖V‖        V = W + s·B·A",
    paper: "Liu et al. 2024, arXiv:2402.09353",
    use: "Where LoRA falls short of full tuning, at low ranks above all; each step costs more than LoRA's.",
    examples: ["attach dora", "attach dora r=4 alpha=8 on=attn.q,attn.v"],
    notes: [
      "Numbers trained: r·(in + out) + out for each weight it sits on.",
      "Options are LoRA's. Once merged it costs nothing.",
      "With dropout, the change of the weight reads the thinned input and W the whole one, as in peft.",
    ],
    startsAs: .unchanged, folds: .exact, rate: 5e-3,
    gradientExceptions: [
      "A": "the length ‖V‖ is held fixed in the backward pass",
      "B": "the length ‖V‖ is held fixed in the backward pass",
    ])

  /// The low-rank part.
  public var lora = LoRA()

  /// LoRA's options.
  public static var options: [Option<DoRA>] { LoRA.options.map { $0.lifted(\.lora) } }

  /// With LoRA's defaults.
  public init() {}

  /// LoRA's.
  public static func targets(_ model: Model) -> [String] { LoRA.targets(model) }

  /// r·(in + out) + out at linear layers and parts.
  public func count(at site: Site) -> Int {
    site.kind == .linear || site.kind == .part ? lora.count(at: site) + site.width.out : 0
  }

  /// Stands in for the weight.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard count(at: site) > 0, let w = site.matrix else { return nil }
    let (a, b) = try lora.factors(site, scope)
    let m = try scope.parameter("m", [site.width.out], .values(w.rowNorms(atLeast: Self.least)))
    let scale = lora.scale(at: site), dropout = lora.dropout, name = a.name
    var edit = Edit()
    edit.base = { w, pass in
      if dropout > 0, pass.isTraining { return w }
      return try Self.turned(w, pass.read(m), pass.read(a), pass.read(b), scale)
    }
    if dropout > 0 {
      edit.output = { x, y, pass in
        guard pass.isTraining, let w = try site.matrix(pass) else { return y }
        let change = try Self.turned(w, pass.read(m), pass.read(a), pass.read(b), scale) - w
        return try y + pass.dropout(x, dropout, name).linear(change)
      }
    }
    edit.folded = { old in
      Weights(weight: try Self.turned(old.weight, m.value, a.value, b.value, scale), bias: old.bias)
    }
    return edit
  }

  /// Rows of zeros have no direction: they count as this long, so that nothing is divided by zero.
  private static let least: Float = 1e-30

  /// W′ = m ⊙ V/‖V‖, V = W + s·B·A, with ‖V‖ off the tape.
  private static func turned(_ w: Tensor, _ m: Tensor, _ a: Tensor, _ b: Tensor, _ scale: Float) throws
    -> Tensor
  {
    let v = try w + b.matmul(a).scaled(by: scale)  // [out, in]
    let stretch = try m.reshaped([m.count, 1]).divided(by: v.plain.rowNorms(atLeast: least))  // [out, 1]
    return try v * stretch
  }

  /// LoRA's checks of patterns.
  public func prepare(_ model: Model) throws { try lora.prepare(model) }

  /// LoRA's.
  public func remarks(at sites: [Site]) -> [String] { lora.remarks(at: sites) }

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
