import Events
import Methods
import Networks
import Options

// Pages of help: of a thing with a card, of one of its options, of a function.

extension Help {
  /// The page of a command, method or optimiser; deep: with formula, paper, notes and its source.
  func show(_ entry: HelpEntry, isDeep: Bool) {
    let card = entry.card
    session.emit(.heading(Heading(card.name, aside: entry.sort)))
    var lines: [StyledText] = [.code(entry.usage), StyledText(marked: card.sentence)]
    if !card.use.isEmpty { lines.append(StyledText(marked: card.use)) }
    if isDeep { lines += depth(entry) }
    if let method = entry.method, let cost = cost(of: method) { lines.append(StyledText("here: " + cost)) }
    session.emit(.prose(Prose(lines)))
    if !entry.options.isEmpty {
      section("options", beside(entry.options.map { row($0, isDeep: isDeep) }, indent: 2))
    }
    if !card.examples.isEmpty { section("examples", code(card.examples, indent: 2)) }
    if isDeep {
      source(entry)
    } else {
      session.say(.dim(session.phrase("help deeper", card.name)))
    }
  }

  private func row(_ option: OptionFacts, isDeep: Bool) -> (StyledText, StyledText) {
    var text = StyledText(option.help)
    if isDeep {
      text += .dim("  (\(option.sort))")
    } else if !option.words.isEmpty, option.words != ["yes", "no"] {
      text += .dim("  (\(option.words.joined(separator: " ")))")
    }
    return (.code("\(option.name)=\(option.given)"), text)
  }

  /// Formula, paper, how it starts and merges, notes.
  private func depth(_ entry: HelpEntry) -> [StyledText] {
    let card = entry.card
    var lines = card.formula.isEmpty ? [] : [StyledText("")]
    for equation in Help.equations(card.formula) { lines.append(.code("  " + equation)) }
    if !card.formula.isEmpty { lines.append("") }
    if entry.method != nil {
      let start: String
      switch card.startsAs {
      case .unchanged: start = "attaching changes nothing: the difference is 0"
      case .rounded: start = "attaching changes nothing but rounding"
      case .changed: start = "attaching already changes the output"
      }
      let folding: String
      switch card.folds {
      case .exact: folding = "merges into the weights"
      case .already: folding = "trains the base's own weights, so there is nothing to merge"
      case .impossible: folding = "cannot be merged"
      }
      lines.append(StyledText("\(start); \(folding); lr \(formatted(card.rate)) where none is set"))
    }
    var notes = card.notes.map { StyledText(marked: $0) }
    notes += card.gradientExceptions.sorted { $0.key < $1.key }.map {
      StyledText("gradient of \($0.key): \($0.value)")
    }
    lines += notes.flatMap { (StyledText("· ") + $0).wrapped(to: width, hanging: 2) }
    if !card.paper.isEmpty { lines.append(.dim(card.paper)) }
    return lines
  }

  /// The equations of a formula, which stand on one line with wide gaps.
  static func equations(_ formula: String) -> [String] {
    formula.split(separator: "\n").flatMap { line -> [String] in
      var rest = String(line), found: [String] = []
      while let gap = rest.firstRange(of: "    ") {
        found.append(String(rest[..<gap.lowerBound]))
        rest = String(rest[gap.upperBound...].drop { $0 == " " })
      }
      return (found + [rest]).filter { !$0.isEmpty }
    }
  }

  private func source(_ entry: HelpEntry) {
    guard let text = session.surroundings.source(entry.source) else { return }
    session.emit(.heading(Heading(session.phrase("source"), aside: entry.source)))
    session.emit(
      .prose(Prose(code(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)))))
  }

  /// The page of a function.
  func show(_ function: Function) {
    session.emit(.heading(Heading(function.name, aside: "function; ?functions lists all")))
    session.emit(.prose(Prose([.code(function.usage), StyledText(function.sentence)])))
  }

  /// `?lora.r`: one option; false where there is none of that name.
  func showOption(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    let owner = String(name[..<dot]), leaf = String(name[name.index(after: dot)...])
    for entry in entries where entry.card.name == owner {
      guard let option = entry.options.first(where: { $0.name == leaf }) else { continue }
      session.emit(.heading(Heading(name, aside: "option of \(owner)")))
      var lines: [StyledText] = [StyledText(option.help), StyledText(option.sort)]
      lines.append(
        option.given.isEmpty
          ? "nothing is set where it is not given" : "where it is not given: " + .code(option.given))
      session.emit(.prose(Prose(lines)))
      if option.isSites { sites(entry) }
      return true
    }
    return false
  }

  /// The sites that `on=` can name in the present model, and where the method goes by itself.
  private func sites(_ entry: HelpEntry) {
    guard let model = session.currentSubject?.model else {
      return session.say(.dim("with a model, this lists its sites: let m = gpt layers=2"))
    }
    var names: [String] = []
    for site in model.sites where site.kind == .linear || site.kind == .part {
      if !names.contains(site.localName) { names.append(site.localName) }
    }
    var lines: [StyledText] = [
      "sites of \(session.currentSubject?.name ?? ""): " + .code(names.joined(separator: " "))
    ]
    if let targets = entry.method?.targets(model), !targets.isEmpty {
      lines.append("by itself it goes to: " + .code(targets.joined(separator: " ")))
    }
    lines.append("`*` stands for any part of a name; Hugging Face's names work too: ?targets")
    session.emit(.prose(Prose(lines)))
  }
}
