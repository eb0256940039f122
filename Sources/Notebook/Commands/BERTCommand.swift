import Networks
import Options

/// `bert`: a small encoder drawn by chance.
public struct BERTCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "bert",
    "Makes a small BERT, which reads a text as a whole and answers with a class, or each token with one.",
    formula: "logits = head(tanh(pooler(x[first])))", paper: "Devlin et al. 2018, arXiv:1810.04805",
    use: "task +1,+2 gives it rows to tell apart by their skill; open reads a BERT from a folder.",
    examples: ["let b = bert", "bert classes=3 layers=4 dim=96", "bert each=token classes=5"],
    notes: ["Its weights are random: normal, deviation 0.02, from the session's seed."], changes: true)

  /// The sizes.
  public var form = BERT.Form()
  /// What was typed.
  public var call = Call()

  /// Its options: the sizes.
  public static var options: [Option<BERTCommand>] { BERT.Form.options.map { $0.lifted(\.form) } }

  /// A nano BERT over the alphabet.
  public init() { form.vocabulary = 26 }

  /// Makes it and binds it.
  public func run(_ session: Session) throws -> Done {
    try session.make(call, form.checked().count, "BERT") { try BERT.model(form, chance: $0) }
    return Done()
  }
}
