import Engine
import Networks
import Options

/// Scaling and shifting of features: a stretch and a move after every operation, and nothing else.
/// Lian, Zhou, Feng & Wang 2022, arXiv:2210.08823.
///
///     y ← γ⊙y + β        after every norm and every linear layer: γ, β: [out]
///
/// It sits after each norm, after each projection (before the activation, where there is one) and after the patch
/// embedding; not after softmax, sums, word or position tables, and not after the head. A linear map of a linear map
/// is linear, so trained γ and β go into the weights and cost nothing afterwards:
///
///     W ← γ⊙W (row by row)        b ← γ⊙b + β
///
/// A layer without a bias is given one. A norm without one (RMSNorm) keeps γ, and hands β on to whoever reads it.
public struct SSF: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "ssf", "Stretches and shifts what every operation gives, and folds away exactly.",
    formula: "y ← γ⊙y + β        merged: W ← γ⊙W, b ← γ⊙b + β",
    paper: "Lian, Zhou, Feng & Wang 2022, arXiv:2210.08823",
    use:
      "Made for vision transformers: close to full tuning at a few thousandths of the numbers, and no cost once "
      + "merged. It mixes no features itself; the frozen layers do.",
    examples: ["attach ssf", "attach ssf init=identity", "attach ssf on=mlp.up,mlp.down"],
    notes: [
      "Numbers trained: 2·out at each of its places; a block of width d has 22·d.",
      "As in the paper γ starts N(1, 0.02) and β N(0, 0.02), so attaching it already changes the answer a little;",
      "init=identity starts at 1 and 0 exactly.",
      "peft has no form for it: save adapter writes files of our own; merged, save model writes an ordinary model.",
    ],
    startsAs: .changed, folds: .exact, rate: 1e-2)

  /// How scales and shifts start.
  public enum Start: String, CaseIterable, Sendable { case paper, identity }

  /// How scales and shifts start.
  public var `init` = Start.paper

  /// Its options.
  public static var options: [Option<SSF>] {
    [Option("init", \.`init`, "how γ and β start: N(1, .02) and N(0, .02), or 1 and 0")]
  }

  /// As in the paper.
  public init() {}

  /// Every norm, and every linear layer in the blocks or before them.
  public static func targets(_ model: Model) -> [String] {
    let first = model.sites.firstIndex { $0.layer != nil } ?? 0
    return model.sites.enumerated().filter { i, site in
      site.kind == .norm || site.kind == .linear && (site.layer != nil || i < first)
    }.map(\.element.name)
  }

  /// γ and β at a norm, a linear layer or a part of one.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard count(at: site) > 0 else { return nil }
    let scale = try scope.parameter("scale", [site.width.out], .values(first(1, "scale", site, scope)))
    let shift = try scope.parameter("shift", [site.width.out], .values(first(0, "shift", site, scope)))
    var edit = Edit()
    edit.output = { _, y, pass in try y.scaledAndShifted(pass.read(scale), pass.read(shift)) }
    edit.folded = { old in
      let rows = [scale.count] + old.weight.shape.dropFirst().map { _ in 1 }
      return Weights(
        weight: try old.weight * scale.value.reshaped(rows),
        bias: try old.bias.map { try $0.scaledAndShifted(scale.value, shift.value) } ?? shift.value)
    }
    return edit
  }

  private func first(_ mean: Float, _ name: String, _ site: Site, _ scope: Scope) throws -> Tensor {
    guard `init` == .paper else { return .filled([site.width.out], mean) }
    let drawn = scope.chance.normal([site.width.out], deviation: 0.02, purpose: "\(scope.path).\(name)")
    return try drawn.shifted(by: mean)
  }

  /// 2·out at norms, linear layers and parts.
  public func count(at site: Site) -> Int {
    [.norm, .linear, .part].contains(site.kind) ? 2 * site.width.out : 0
  }
}
