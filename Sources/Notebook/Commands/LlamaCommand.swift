import Networks
import Options

/// `llama`: a small Llama, or a model of its family, drawn by chance.
public struct LlamaCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "llama", "Makes a small Llama: rotary positions, RMS norms, a gate inside, keys that queries may share.",
    formula: "y = down(silu(gate(x)) ⊙ up(x))        score = turned(q, i)·turned(k, j)/√d",
    paper: "Touvron et al. 2023, arXiv:2302.13971; rotary positions: Su et al. 2021, arXiv:2104.09864",
    use: "task gives it a skill of the alphabet to learn; open reads a Llama, Mistral, Qwen or Gemma.",
    examples: ["let l = llama", "llama kv=2 layers=4 dim=96", "llama family=qwen3 headdim=32 tied=yes"],
    notes: [
      "Its weights are random: normal, deviation 0.02, from the session's seed.",
      "kv=2 shares keys and values: with 4 heads two queries read one key, and the cache is half as large.",
      "rope=linear factor=4 stretches positions, as models do that were trained on shorter texts.",
    ], changes: true)

  /// The sizes.
  public var form = Llama.Form()
  /// What was typed.
  public var call = Call()

  /// Its options: the sizes.
  public static var options: [Option<LlamaCommand>] { Llama.Form.options.map { $0.lifted(\.form) } }

  /// A nano Llama over the alphabet.
  public init() { form.vocabulary = 26 }

  /// Makes it and binds it.
  public func run(_ session: Session) throws -> Done {
    let form = try form.withSwitches.checked()
    try session.make(call, form.count, "Llama") { try Llama.model(form, chance: $0) }
    return Done()
  }
}
