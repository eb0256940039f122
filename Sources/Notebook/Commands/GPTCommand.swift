import Data
import Engine
import Events
import Networks
import Options

/// `gpt`: a small GPT, drawn by chance or opened from a base that comes with the program.
public struct GPTCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "gpt", "Makes a small GPT in GPT-2's form, or opens a base that comes with the program.",
    use: "base=alphabet is a toy that knows four skills; base=reviews was trained on short texts.",
    examples: [
      "let m = gpt base=alphabet", "let m = gpt layers=2 dim=64 heads=4 vocab=26", "gpt base=reviews",
    ],
    notes: [
      "Without a base the weights are random: normal, deviation 0.02, from the session's seed.",
      "classes=N puts a head on it that answers each row with a class, as GPT2ForSequenceClassification does.",
    ],
    changes: true)

  /// The base; empty: random weights.
  public var base = ""
  /// The sizes, where there is no base.
  public var form = GPT.Form()
  /// What was typed.
  public var call = Call()

  /// Its options: the base, and the sizes of a random one.
  public static var options: [Option<GPTCommand>] {
    [BundledBases.option("gpt2", \GPTCommand.base)] + GPT.Form.options.map { $0.lifted(\.form) }
  }

  /// A nano GPT over the alphabet.
  public init() { form.vocabulary = 26 }

  /// Makes it and binds it.
  public func run(_ session: Session) throws -> Done {
    if base.isEmpty {
      try session.make(call, form.count, "GPT") { try GPT.model(form, chance: $0) }
      return Done()
    }
    let name = call.boundName ?? "m"
    let subject = try BundledBases.open(base, as: name, classes: form.classes, session)
    session.bind(subject)
    session.say(.strong(name) + "  " + StyledText(subject.summary))
    session.say(.dim(BundledBases.sentence(base)))
    if form.classes > 0 { session.say(.dim("its head for \(form.classes) classes is new and random")) }
    return Done()
  }
}
