import Engine
import Networks
import Options

/// (IA)³: infused adapter by inhibiting and amplifying inner activations. Liu et al. 2022, arXiv:2205.05638.
///
///     k = l_k ⊙ (x·W_kᵀ + b)        v = l_v ⊙ (x·W_vᵀ + b)        down: y = (l_f ⊙ h)·Wᵀ + b        l = 1 at the start
///
/// One factor for each number that passes: keys, values and the inner activations of the feed-forward layer are
/// turned up or down. Nothing else in this list trains so few numbers inside every block, and all of them fold into
/// the weights: a factor on the output scales rows of W and the bias, one on the input scales columns.
public struct IA3: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "ia3", "Turns keys, values and inner activations up or down, number by number.",
    formula: "y = l ⊙ (x·Wᵀ + b), in feed-forward layers y = (l ⊙ x)·Wᵀ + b",
    paper: "Liu et al. 2022, arXiv:2205.05638",
    use: "Few examples and many tasks: a few thousand numbers a task, and free once merged.",
    examples: ["attach ia3", "attach ia3 like=peft", "attach ia3 on=attn.v"],
    notes: [
      "Numbers trained: one for each number that keys, values and inner layers pass on.",
      "like=paper sits on keys, values and inner activations; like=peft on peft's default modules, where a fused",
      "projection is scaled whole, queries too.",
    ],
    startsAs: .unchanged, folds: .exact, rate: 3e-2)

  /// Whose places.
  public enum Likeness: String, CaseIterable, Sendable { case paper, peft }

  /// Whether it sits where the paper says, or on peft's default modules.
  public var like = Likeness.paper
  /// Sites whose input is scaled instead of their output.
  public var inputs = ["mlp.down"]

  /// Its options.
  public static var options: [Option<IA3>] {
    [
      Option("like", \.like, "where it sits: as in the paper, or on peft's default modules"),
      Option("inputs", \.inputs, "sites whose input is scaled instead of their output", kind: .sites),
    ]
  }

  /// As in the paper.
  public init() {}

  /// Keys, values and the feed-forward layer's second half; or peft's modules.
  public func places(in model: Model) -> [String] {
    if like == .peft, let known = model.architecture.targets["ia3"] { return known }
    return ["k", "v", "mlp.down"].filter { text in model.sites.contains { SitePattern(text).matches($0) } }
  }

  /// Whether the input is scaled.
  public func isInput(_ site: Site) -> Bool { inputs.contains { SitePattern($0).matches(site) } }

  /// One number for each that goes in, or out.
  public func count(at site: Site) -> Int {
    guard site.kind == .linear || site.kind == .part else { return 0 }
    return isInput(site) ? site.width.in : site.width.out
  }

  /// A factor on the input or on the output. peft's shapes: [1, in] and [out, 1].
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    let n = count(at: site)
    guard n > 0 else { return nil }
    let l = try scope.parameter("l", isInput(site) ? [1, n] : [n, 1], .ones)
    var edit = Edit()
    if isInput(site) {
      edit.input = { x, pass in try x * pass.read(l).reshaped([n]) }
      edit.folded = { Weights(weight: try $0.weight * l.value, bias: $0.bias) }
    } else {
      edit.output = { _, y, pass in try y * pass.read(l).reshaped([n]) }
      edit.folded = {
        Weights(weight: try $0.weight * l.value, bias: try $0.bias.map { try $0 * l.value.reshaped([n]) })
      }
    }
    return edit
  }
}
