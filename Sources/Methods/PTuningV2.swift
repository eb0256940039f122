import Engine
import Networks
import Options

/// P-Tuning v2: a prompt for every layer, each its own. Liu et al. 2022, arXiv:2110.07602.
///
///     y = attention(q, [drop(Pk) ; K], [drop(Pv) ; V])        Pk, Pv: [n, width], of their own in every layer
///
/// A prompt at the entry reaches the later layers only through the earlier ones. Here each layer has n keys and values
/// to itself, with no network that makes them: 2·layers times the numbers, and as many places to steer from. It is
/// prefix tuning without its network, with dropout on the prefix, and in the paper with a trained classification head.
public struct PTuningV2: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "ptuning2", "Learns keys and values of their own for every layer, with dropout.",
    formula: "y = attention(q, [drop(Pk) ; K], [drop(Pv) ; V])        Pk, Pv: [n, width] a layer",
    paper: "Liu et al. 2022, arXiv:2110.07602",
    use:
      "For understanding tasks with a classification head, on models small and large; where a prompt is too shallow.",
    examples: ["attach ptuning2 n=4", "attach ptuning2 n=4 layers=1", "attach ptuning2 n=16 dropout=0"],
    notes: [
      "Keys and values that no text has made: no weight could hold them.",
      "Numbers trained: 2·n·width a layer, which is all that is kept, and the head where the model has one.",
      "In peft it is PREFIX_TUNING without projection, which has no dropout; the paper's code hides a tenth.",
      "The paper's recipes have n from 4 to 128.",
    ],
    startsAs: .changed, folds: .impossible, rate: 0.05)

  /// How many keys, and as many values, a layer.
  public var n = 4
  /// The share of their numbers hidden while training.
  public var dropout: Float = 0.1
  /// Whether the model has an encoder and a decoder.
  private var stacks = false

  /// Its options.
  public static var options: [Option<PTuningV2>] {
    [
      Option("n", \.n, "how many keys and values a layer", in: 1...65_536),
      Option("dropout", \.dropout, "share of their numbers hidden while training", in: 0...0.99),
    ]
  }

  /// Four, with a tenth hidden while training.
  public init() {}

  /// Learns whether there are two stacks.
  public mutating func prepare(_ model: Model) { stacks = model.network.start != nil }

  var hasStacks: Bool { stacks }

  /// Throws when the model has no attention, or no room.
  public func supports(_ model: Model) throws { try PrefixTuning.checkRoom(n, in: model) }

  /// Keys and values, at attention.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard site.kind == .attention else { return nil }
    let k = try scope.parameter("K", [n, site.keyWidth], .normal(1))
    let v = try scope.parameter("V", [n, site.keyWidth], .normal(1))
    return .prefix(n, dropout: dropout, scope.path) { pass in (pass.read(k), pass.read(v)) }
  }

  /// 2·n·width a layer.
  public func count(at site: Site) -> Int { site.kind == .attention ? 2 * n * site.keyWidth : 0 }
}
