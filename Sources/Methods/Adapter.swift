import Engine
import Networks
import Options

/// Bottleneck adapters: small networks between the frozen layers. Houlsby et al. 2019, arXiv:1902.00751; after the
/// feed-forward layer only: Pfeiffer et al. 2020, arXiv:2005.00247; beside it: He et al. 2021, arXiv:2110.04366.
///
///     f(h) = s·(U·act(D·h + d) + u)        D: [m, width], U: [width, m], m = width / reduction
///
/// A sublayer reads the stream x and gives y, which is added to it. An adapter changes y:
///
///     houlsby:  y ← y + f(y)             after attention and after the feed-forward layer
///     pfeiffer: y ← y + f(norm(x + y))   after the feed-forward layer; without the norm where norms come before
///     parallel: y ← y + f(x)             beside the feed-forward layer
///
/// Between D and U stands a nonlinearity, so no weight can hold f, and it costs its time in every later run: the price
/// of being able to learn what no change of one weight is. D squeezes the width through m numbers; with small first
/// values f(h) is near 0, and the model starts near where it was.
public struct Adapter: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "adapter", "Puts small networks with a bottleneck after the frozen sublayers.",
    formula: "y ← y + f(h)        f(h) = s·(U·act(D·h + d) + u)        h: y, norm(x + y) or x, by kind",
    paper:
      "Houlsby et al. 2019, arXiv:1902.00751; pfeiffer: arXiv:2005.00247; parallel: He et al. 2021, "
      + "arXiv:2110.04366",
    use:
      "When a task needs something new between the layers, and a few percent more time in every run do not hurt. "
      + "LoRA, SSF and IA3 merge; this does not.",
    examples: ["attach adapter", "attach adapter kind=pfeiffer reduction=8", "attach adapter like=adapters"],
    notes: [
      "a nonlinearity stands between its two matrices, so no weight of the base could hold it.",
      "Numbers trained: 2·m·width + m + width at each place, m = width/reduction, and under like=paper the norms.",
      "like=adapters differs from the paper in houlsby: swish for GELU, N(0, 0.02) for a normal of 0.001 cut at two",
      "deviations, and norms stay frozen. For pfeiffer and parallel paper and library agree.",
      "init=mam_adapter starts U at 0: the model is then exactly as before.",
    ],
    startsAs: .changed, folds: .impossible, rate: 5e-3)

  /// Where it sits and what it reads.
  public enum Kind: String, CaseIterable, Sendable { case houlsby, pfeiffer, parallel }
  /// What stands between the matrices; `default` is that of the kind.
  public enum Activation: String, CaseIterable, Sendable {
    case usual = "default"
    case relu, gelu, swish, tanh
    case geluTanh = "gelu_new"
  }
  /// How D and U start; `default` is that of the kind.
  public enum Start: String, CaseIterable, Sendable {
    case usual = "default"
    /// Normal, 0.001, cut at two deviations.
    case paper
    /// Normal, 0.02.
    case bert
    /// D uniform in ±1/√width, U = 0.
    case mam = "mam_adapter"
    /// Normal, 0.01, cut at two deviations.
    case houlsby
  }
  /// Whose defaults are meant, where they differ.
  public enum Like: String, CaseIterable, Sendable { case paper, adapters }

  /// Where it sits and what it reads.
  public var kind = Kind.houlsby
  /// By how much the width is divided; 0: by 16, in parallel by 2.
  public var reduction: Float = 0
  /// The numbers in the bottleneck, instead of a reduction; 0: by the reduction.
  public var width = 0
  /// What stands between the matrices.
  public var act = Activation.usual
  /// How D and U start.
  public var `init` = Start.usual
  /// The deviation with which U starts; 0: as `init` says.
  public var sd: Float = 0
  /// What f is multiplied by; 0: 1, in parallel 4.
  public var scale: Float = 0
  /// The share of f's numbers hidden while training.
  public var dropout: Float = 0
  /// Whose defaults are meant.
  public var like = Like.paper

  /// Its options.
  public static var options: [Option<Adapter>] {
    [
      Option("kind", \.kind, "after both sublayers, after the feed-forward layer, or beside it"),
      Option(
        "reduction", \.reduction, "width / bottleneck; 0: 16, in parallel 2; at least one number is left",
        in: 0...65_536),
      Option("width", \.width, "numbers in the bottleneck; 0: by reduction", in: 0...65_536),
      Option("act", \.act, "between the matrices; default: gelu, swish or relu by like and kind"),
      Option("init", \.`init`, "how the matrices start; mam_adapter starts at exactly nothing"),
      Option("sd", \.sd, "deviation with which the up-projection starts; 0: by init", in: 0...1000),
      Option("scale", \.scale, "what the adapter's output is multiplied by; 0: 1, in parallel 4"),
      Option("dropout", \.dropout, "share of the adapter's output hidden while training", in: 0...0.99),
      Option("like", \.like, "whose defaults: the paper's code or the adapters library"),
    ]
  }

  /// Houlsby's, as in the paper.
  public init() {}

  /// After both sublayers, or after the feed-forward layer alone.
  public func places(in model: Model) -> [String] {
    kind == .houlsby ? ["attn.add", "mlp.add"] : ["mlp.add"]
  }

  /// Throws where there are no sublayers, or the reduction leaves nothing.
  public func supports(_ model: Model) throws {
    guard let site = model.sites.first(where: { $0.kind == .sublayer }) else {
      throw Failure("this model has no sublayers for an adapter to follow.", cure: "Try: attach lora")
    }
    guard width == 0, reduction > Float(site.width.out) else { return }
    throw Failure(
      "reduction=\(OptionValue.number(Double(reduction))) leaves no number of a width of \(site.width.out).",
      cure: "At most reduction=\(site.width.out), which leaves one; width=8 says the bottleneck directly")
  }

  /// The paper's code trains the norms too.
  public func trains(_ parameter: Parameter) -> Bool {
    kind == .houlsby && like == .paper && parameter.name.contains("norm")
  }

  /// The norms of the blocks that have both adapters.
  public func trains(_ parameter: Parameter, at sites: [Site], isEverywhere: Bool) -> Bool {
    let there = sites.filter { parameter.name.hasPrefix(($0.block ?? "outside") + ".") }
    return trains(parameter) && (isEverywhere || Set(there.map(\.localName)) == ["attn.add", "mlp.add"])
  }

  /// An adapter at a sublayer.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard site.kind == .sublayer else { return nil }
    let n = site.width.out, m = bottleneck(of: n)
    let down = try scope.parameter("down", [m, n], starts(in: n).down)
    let downBias = try scope.parameter("downBias", [m], .zeros)
    let up = try scope.parameter("up", [n, m], starts(in: n).up)
    let upBias = try scope.parameter("upBias", [n], .zeros)
    let (activation, strength, dropout) = (activation, strength, dropout)
    func f(_ h: Tensor, _ pass: Pass) throws -> Tensor {
      let squeezed = try activation(h.linear(pass.read(down), bias: pass.read(downBias)))  // [batch, time, m]
      let spread = try squeezed.linear(pass.read(up), bias: pass.read(upBias))
      return try pass.dropout(strength == 1 ? spread : spread.scaled(by: strength), dropout, up.name)
    }
    var edit = Edit()
    edit.output = { [self] x, y, pass in try y + f(reads(x, y, at: site, pass), pass) }
    return edit
  }

  /// h: what the adapter of a sublayer reads, by kind; x is the stream that the sublayer read, y what it gives.
  public func reads(_ x: Tensor, _ y: Tensor, at site: Site, _ pass: Pass) throws -> Tensor {
    switch kind {
    case .houlsby: return y
    case .pfeiffer: return try site.normAfter?(x + y, pass) ?? x + y
    case .parallel: return x
    }
  }

  /// 2·m·width + m + width at a sublayer.
  public func count(at site: Site) -> Int {
    guard site.kind == .sublayer else { return 0 }
    let n = site.width.out, m = bottleneck(of: n)
    return 2 * m * n + m + n
  }
}
