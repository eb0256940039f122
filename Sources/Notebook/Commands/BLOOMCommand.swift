import Networks
import Options

/// `bloom`: a small BLOOM drawn by chance.
public struct BLOOMCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "bloom", "Makes a small BLOOM: no positions but slopes on the scores, q, k and v interleaved by head.",
    formula: "score(i, j) = q_i·k_j/√d + slope·j        slopes of h heads: 2^(−8/h), 2^(−16/h), …",
    paper: "Le Scao et al. 2022, arXiv:2211.05100; slopes (ALiBi): Press et al. 2021, arXiv:2108.12409",
    use: "task gives it a skill of the alphabet to learn; open reads a BLOOM or BLOOMZ from a folder.",
    examples: ["let b = bloom", "bloom heads=6 dim=96 layers=4"],
    notes: ["Its weights are random: normal, deviation 0.02, from the session's seed."], changes: true)

  /// The sizes.
  public var form = BLOOM.Form()
  /// What was typed.
  public var call = Call()

  /// Its options: the sizes.
  public static var options: [Option<BLOOMCommand>] { BLOOM.Form.options.map { $0.lifted(\.form) } }

  /// A nano BLOOM over the alphabet.
  public init() { form.vocabulary = 26 }

  /// Makes it and binds it.
  public func run(_ session: Session) throws -> Done {
    try session.make(call, form.checked().count, "BLOOM") { try BLOOM.model(form, chance: $0) }
    return Done()
  }
}
