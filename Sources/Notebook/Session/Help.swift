import Events
import Methods
import Networks
import Options
import Training

/// `?topic`, `??topic`, `?choose`: help, made from cards and tables of options.
///
/// Only the topics about the language itself have a text of their own (`HelpLanguage`).
struct Help {
  let session: Session

  init(_ session: Session) { self.session = session }

  /// Shows a topic; throws with the nearest one when there is no such topic.
  func show(_ topic: String, isDeep: Bool) throws {
    let name = topic.trimmed
    switch name {
    case "": return overview()
    case "choose": return choose()
    case "methods": return list(name, "method")
    case "optimizers": return list(name, "optimizer")
    case "views": return list(name, "view")
    case "functions": return functions()
    default: break
    }
    var isFound = false
    for entry in entries where entry.card.name == name {
      show(entry, isDeep: isDeep)
      isFound = true
    }
    for function in Functions.all where function.name == name {
      show(function)
      isFound = true
    }
    if let text = HelpLanguage.text(name) {
      session.emit(.heading(Heading(name)))
      session.emit(.prose(Prose(text.map { StyledText(marked: $0) })))
      if ["targets", "on"].contains(name), let subject = session.currentSubject {
        for event in HelpTargets(subject: subject).events { session.emit(event) }
      }
      isFound = true
    }
    if !isFound { isFound = showOption(name) || showValue(name) || showPlace(name) }
    if !isFound { throw unknownTopic(name) }
  }

  /// Everything with a card.
  var entries: [HelpEntry] { HelpEntry.all(session) }

  /// All topics, for completion and for the nearest one.
  var topics: [String] {
    let named = entries.map { $0.card.name } + Functions.all.map(\.name) + HelpLanguage.names
    let values = session.models.map(\.name) + session.boundNames
    return ["choose", "methods", "views", "optimizers", "functions"] + named + values
  }

  private func unknownTopic(_ name: String) -> Failure {
    var all = topics
    for entry in entries { all += entry.options.map { entry.card.name + "." + $0.name } }
    all += session.currentSubject?.model.sites.map(\.name) ?? []
    let near = nearest(to: name, among: all)
    return Failure(
      "there is no help on “\(name)”.",
      cure: near.map { "Did you mean ?\($0)" } ?? "?  lists all commands;   ?functions   ?methods   ?language"
    )
  }

  // MARK: Lists

  /// `?`: the commands by purpose, one line each.
  private func overview() {
    session.emit(.heading(Heading(session.phrase("help title"), aside: session.phrase("help more"))))
    let column = max(10, session.groups.flatMap(\.commands).map { columns(of: $0.card.name) }.max() ?? 0)
    for group in session.groups {
      let rows = group.commands.map { (StyledText.code($0.card.name), brief($0.card.sentence)) }
      section(group.purpose, beside(rows, column: column, indent: 2))
    }
    let others: [(StyledText, StyledText)] = [
      (.code("?choose"), "which method for my case"), (.code("?methods"), "what attach can attach"),
      (.code("?views"), "what show can show"),
      (.code("?functions"), "what can be computed: loss(), norm(x), …"),
      (.code("?language"), "let, repeat, sweep, until, paths, results"),
      (.code("?keys"), "the keys of the prompt"),
    ]
    section("and", beside(others, column: column, indent: 2))
  }

  /// Lines under a title of their own.
  func section(_ title: String, _ lines: [StyledText]) {
    session.emit(.prose(Prose([.strong(session.phrase(title))] + lines)))
  }

  /// A sentence in one line: what does not fit is cut at a pause.
  private func brief(_ sentence: String) -> StyledText {
    let room = 60
    guard sentence.count > room else { return StyledText(sentence) }
    let start = sentence.prefix(room)
    guard let pause = start.lastIndex(where: { ",;:(".contains($0) }),
      start.distance(from: start.startIndex, to: pause) > 20
    else {
      return StyledText(sentence)
    }
    return StyledText(String(start[..<pause]).trimmed)
  }

  private func list(_ title: String, _ sort: String) {
    session.emit(.heading(Heading(title, aside: "?name tells more")))
    let entries = entries.filter { $0.sort == sort }
    session.emit(.prose(Prose(beside(entries.map { (.code($0.card.name), StyledText($0.card.sentence)) }))))
    if title == "methods" { session.say(.dim("?choose helps to choose one")) }
  }

  private func functions() {
    session.emit(
      .heading(Heading("functions", aside: "pure: nothing changes; on the batch that the next step will use"))
    )
    session.emit(.prose(Prose(beside(Functions.all.map { (.code($0.usage), StyledText($0.sentence)) }))))
  }

  // MARK: Lines

  /// Columns that a line has.
  var width: Int { session.presentation.width - (session.presentation.reader ? 0 : 2) }

  /// Names with texts beside them, the texts wrapped in a column of their own.
  func beside(_ rows: [(StyledText, StyledText)], column: Int? = nil, indent: Int = 0) -> [StyledText] {
    if session.presentation.reader { return rows.map { $0.0 + ": " + $0.1 } }
    func blanks(_ count: Int) -> StyledText { StyledText(String(repeating: " ", count: count)) }
    let widest = column ?? rows.map { $0.0.columns }.max() ?? 0
    let start = min(widest, max(12, (width - indent) * 2 / 5))
    let margin = blanks(indent + start + 2)
    return rows.flatMap { name, text -> [StyledText] in
      let isLong = name.columns > start
      let lines = text.wrapped(to: max(8, width - margin.columns), hanging: 0)
      let first = isLong ? name : name + blanks(start + 2 - name.columns) + (lines.first ?? "")
      return [blanks(indent) + first] + lines.dropFirst(isLong ? 0 : 1).map { margin + $0 }
    }
  }

  /// Code, with what is too long for a line going on further to the right.
  func code(_ lines: [String], indent: Int = 0) -> [StyledText] {
    lines.flatMap { line -> [StyledText] in
      let margin = StyledText(String(repeating: " ", count: indent))
      let depth = min(line.prefix { $0 == " " }.count + 4, width / 2)
      return (margin + .code(line)).wrapped(to: width, hanging: indent + depth)
    }
  }
}

extension String {
  /// Without blanks at its ends.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
