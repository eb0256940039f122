import Methods
import Networks
import Options
import Training

/// The reference pages: written from the cards, so that they cannot say anything else than the program does.
public enum Reference {
  /// Pages by file name.
  public static func pages(commands: [any Command.Type]) -> [(name: String, text: String)] {
    [
      ("commands.md", self.commands(commands)), ("views.md", views()), ("methods.md", methods()),
      ("formulas.md", formulas()),
    ]
  }

  private static let lead =
    "<!-- Written by `make reference` from the cards in the source; edit those. -->\n\n"

  private static func commands(_ all: [any Command.Type]) -> String {
    func page<C: Command>(_ type: C.Type) -> String {
      let usage = ([C.card.name] + (C.takes.usage.isEmpty ? [] : [C.takes.usage])).joined(separator: " ")
      return section("`\(usage)`", C.card) + table(C.options.map { $0.facts(C()) })
    }
    return lead + "# Commands\n\n" + (Commands.makers + all).map { page($0) }.joined(separator: "\n")
  }

  private static func views() -> String {
    func page<V: View>(_ type: V.Type) -> String {
      let usage = ["show", V.card.name, V.takes.usage].filter { !$0.isEmpty }.joined(separator: " ")
      return section("`\(usage)`", V.card) + table(V.options.map { $0.facts(V()) })
    }
    return lead + "# Views\n\n" + Views.all.map { page($0) }.joined(separator: "\n")
  }

  private static func methods() -> String {
    func page<M: TuningMethod>(_ type: M.Type) -> String {
      let card = M.card
      let facts = [
        "- At the start: \(card.startsAs == .changed ? "the output changes" : "the model computes what it did before").",
        "- Merging: \(merging(card.folds)).", "- Learning rate where none is given: \(card.rate).",
        "- Hugging Face: \(M.foreign.map { "`" + $0.type + "`" } ?? "`peft` has no form for it").",
      ]
      return section("`attach \(card.name)`", card) + facts.joined(separator: "\n") + "\n\n"
        + table(M.options.map { $0.facts(M()) })
    }
    let placement = "Every method takes `on=` (sites) and `layers=` (blocks) where it sits on sites.\n\n"
    return lead + "# Methods\n\n" + placement + Methods.all.map { page($0) }.joined(separator: "\n")
  }

  private static func formulas() -> String {
    var text =
      lead
      + "# Formulas\n\nFormulas are pure: they change nothing, and run on the batch that the next step will use.\n\n"
    text += "| formula | what it gives |\n| --- | --- |\n"
    return text + Functions.all.map { "| `\($0.usage)` | \(cell($0.sentence)) |\n" }.joined()
  }

  private static func merging(_ folding: Card.Folding) -> String {
    switch folding {
    case .exact: return "exact up to rounding"
    case .already: return "nothing to merge, it trains the base's own numbers"
    case .impossible: return "no weight could hold it"
    }
  }

  private static func section(_ title: String, _ card: Card) -> String {
    var text = "## \(title)\n\n\(card.sentence)\n\n"
    if !card.formula.isEmpty {
      text += card.formula.split(separator: "\n").map { "    \($0)\n" }.joined() + "\n"
    }
    if !card.paper.isEmpty { text += "\(card.paper)\n\n" }
    if !card.use.isEmpty { text += "\(card.use)\n\n" }
    if !card.notes.isEmpty { text += card.notes.map { "- \($0)\n" }.joined() + "\n" }
    if !card.examples.isEmpty { text += "```graft\n" + card.examples.joined(separator: "\n") + "\n```\n\n" }
    return text
  }

  private static func table(_ options: [OptionFacts]) -> String {
    guard !options.isEmpty else { return "" }
    let rows = options.map { option -> String in
      let words = option.words.isEmpty ? "" : " (\(option.words.joined(separator: ", ")))"
      return
        "| `\(option.name)=` | \(cell(option.help + words)) | \(option.standard.isEmpty ? "" : "`\(option.standard)`") |\n"
    }
    return "| option | what it is | default |\n| --- | --- | --- |\n" + rows.joined() + "\n"
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
