import Events
import Networks
import Options

/// `vit`: a small vision transformer drawn by chance.
public struct ViTCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "vit", "Makes a small vision transformer, which reads a picture patch by patch and answers with a class.",
    formula: "x = [cls ; patches·Wᵀ + b] + positions        logits = head(norm(blocks(x))[cls])",
    paper: "Dosovitskiy et al. 2020, arXiv:2010.11929",
    use: "base=vision knows clothes, shoes and bags; open reads a ViT from a folder.",
    examples: ["let v = vit base=vision", "let v = vit", "vit size=28 patch=7 dim=96 layers=4 classes=10"],
    notes: ["Without a base its weights are random: normal, deviation 0.02, from the session's seed."],
    changes: true)

  /// The base; empty: random weights.
  public var base = ""
  /// The sizes, where there is no base.
  public var form = ViT.Form()
  /// What was typed.
  public var call = Call()

  /// Its options: the base, and the sizes of a random one.
  public static var options: [Option<ViTCommand>] {
    [BundledBases.option("vit", \ViTCommand.base)] + ViT.Form.options.map { $0.lifted(\.form) }
  }

  /// A nano ViT for grey pictures of 28×28 and ten classes.
  public init() {}

  /// Makes it and binds it.
  public func run(_ session: Session) throws -> Done {
    guard base.isEmpty else {
      let name = call.boundName ?? "m", subject = try BundledBases.open(base, as: name, session)
      session.bind(subject)
      session.say(.strong(name) + "  " + StyledText(subject.summary))
      session.say(.dim(BundledBases.sentence(base)))
      return Done()
    }
    try session.make(call, form.checked().count, "ViT") { try ViT.model(form, chance: $0) }
    return Done()
  }
}
