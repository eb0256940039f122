import Networks
import Options

/// `t5`: a small encoder-decoder drawn by chance.
public struct T5Command: Command {
  /// What it says of itself.
  public static let card = Card(
    "t5", "Makes a small T5: an encoder that reads a text and a decoder that writes the answer.",
    formula: "m = encoder(text)        logits = head(decoder(answer so far, m))",
    paper: "Raffel et al. 2019, arXiv:1910.10683; mT5: Xue et al. 2020, arXiv:2010.11934",
    use:
      "task +2 gives it half a row of letters to read and the other half to write; open reads a T5 or mT5.",
    examples: ["let t = t5", "t5 gated=yes tied=no family=mt5", "t5 layers=3 decoder=1 dim=96 heads=6"],
    notes: [
      "Its weights are random, drawn as T5's authors draw them, from the session's seed.",
      "A T5 has a plain feed-forward layer with relu, and its head is the token table; T5 v1.1 and mT5 have a gate",
      "with GELU and a head of their own. family= says which of the two a saved folder is of.",
    ], changes: true)

  /// The sizes.
  public var form = T5.Form()
  /// What was typed.
  public var call = Call()

  /// Its options: the sizes.
  public static var options: [Option<T5Command>] { T5.Form.options.map { $0.lifted(\.form) } }

  /// A nano T5 over the alphabet.
  public init() { form.vocabulary = 26 }

  /// Makes it and binds it.
  public func run(_ session: Session) throws -> Done {
    try session.make(call, form.checked().count, "T5") { try T5.model(form, chance: $0) }
    return Done()
  }
}
