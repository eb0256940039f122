import Options

/// Reads a lesson from Markdown: a head between `---` lines, prose, and fences.
///
///     ```graft            a cell; `graft {fails}` for one that must end in an error
///     ```{predict} id=…   a question; `- a: text -> remark if wrong`, `answer:`, `because:`
///     ```{do} id=…        a task; `check:`, `misconception: formula -> remark`, `hint:`, `answer:`
///     ```{expect}         formulas that must hold, one a line
///     ```{explain} id=…   a prompt; `author:` the author's own sentence
///     ```{recall} from=…  a question of an earlier lesson
public struct LessonReader {
  private var lesson = Lesson()
  private var lines: [Substring]
  private var at = 0
  private var prose: [Substring] = []
  private var proseLine = 1
  private var number = 0

  /// The lesson in a text; throws with file and line what cannot be read.
  public static func read(_ text: String, file: String) throws -> Lesson {
    var reader = LessonReader(text, file)
    return try reader.read()
  }

  private init(_ text: String, _ file: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    lesson.file = file
  }

  private mutating func read() throws -> Lesson {
    try head()
    while at < lines.count {
      let line = lines[at]
      if line.hasPrefix("```") {
        flush()
        try fence(String(line.dropFirst(3)))
      } else {
        if prose.isEmpty { proseLine = at + 1 }
        prose.append(line)
        at += 1
      }
    }
    flush()
    guard !lesson.id.isEmpty else { throw fault("the head needs an id", at: 0) }
    return lesson
  }

  private func fault(_ what: String, at line: Int) -> Failure {
    Failure(
      "\(lesson.file):\(line + 1): \(what).",
      cure: "The form of lessons: CONTRIBUTING.md, “How to write a lesson”")
  }

  private mutating func head() throws {
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
      throw fault("a lesson begins with a head between two lines of ---", at: 0)
    }
    for i in 1..<end {
      guard let colon = lines[i].firstIndex(of: ":") else {
        throw fault("“\(lines[i])” is not key: value", at: i)
      }
      let key = lines[i][..<colon].trimmed, value = lines[i][lines[i].index(after: colon)...].trimmed
      switch key {
      case "id": lesson.id = value
      case "title": lesson.title = value
      case "minutes": lesson.minutes = Int(value) ?? 10
      case "needs":
        lesson.needs = value.filter { $0 != "[" && $0 != "]" }.split(separator: ",").map { $0.trimmed }
      case "seed": lesson.seed = UInt64(value) ?? 5
      case "aha": lesson.aha = value
      case "paper": lesson.paper = value
      default:
        throw fault(
          unknown("key", key, among: ["id", "title", "minutes", "needs", "seed", "aha", "paper"]).what, at: i)
      }
    }
    at = end + 1
  }

  private mutating func flush() {
    let text = prose.joined(separator: "\n").trimmed
    if !text.isEmpty { lesson.steps.append(.init(kind: .prose(text), line: proseLine)) }
    prose = []
  }

  private mutating func fence(_ info: String) throws {
    let start = at
    var body: [Substring] = []
    at += 1
    while at < lines.count && !lines[at].hasPrefix("```") {
      body.append(lines[at])
      at += 1
    }
    guard at < lines.count else { throw fault("this fence is never closed", at: start) }
    at += 1
    var words = info.split(separator: " ").map(String.init)
    guard !words.isEmpty else { return }
    let kind = words.removeFirst()
    let named = Dictionary(
      words.compactMap { word -> (String, String)? in
        let parts = word.split(separator: "=", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
      }, uniquingKeysWith: { $1 })
    func add(_ kind: Lesson.Step.Kind) throws {
      var step = Lesson.Step(kind: kind, line: start + 1)
      if step.isCounted {
        number += 1
        step.id = named["id"] ?? "\(lesson.id)/\(number)"
        guard step.id.hasPrefix(lesson.id + "/") else {
          throw fault("the id \(step.id) should begin with \(lesson.id)/", at: start)
        }
      }
      lesson.steps.append(step)
    }
    switch kind {
    case "graft": try add(.cell(body.joined(separator: "\n"), fails: words.contains("{fails}")))
    case "{predict}": try add(.predict(try prediction(body, start)))
    case "{do}": try add(.task(try assignment(body, start)))
    case "{expect}": try add(.expect(body.map { $0.trimmed }.filter { !$0.isEmpty && !$0.hasPrefix("#") }))
    case "{explain}":
      let parts = try fields(body, ["author"], start)
      try add(.explain(prompt: parts.text, author: parts.values["author"]?.first ?? ""))
    case "{recall}":
      guard let from = named["from"] else { throw fault("recall needs from=lesson/number", at: start) }
      try add(.recall(from: from))
    default:
      if kind.hasPrefix("{") {
        throw fault(
          unknown("fence", kind, among: ["{predict}", "{do}", "{expect}", "{explain}", "{recall}"]).what,
          at: start)
      }
      prose += ["```" + info] + body + ["```"]  // another language: shown as it is
    }
  }

  /// Text before the first `key:`, and the values of keys; a value goes on over indented lines.
  private func fields(_ body: [Substring], _ keys: [String], _ line: Int) throws -> (
    text: String, values: [String: [String]]
  ) {
    var text: [String] = [], values: [String: [String]] = [:], last: String?
    for row in body {
      if let colon = row.firstIndex(of: ":"), keys.contains(row[..<colon].trimmed) {
        let key = row[..<colon].trimmed
        values[key, default: []].append(row[row.index(after: colon)...].trimmed)
        last = key
      } else if let key = last, row.hasPrefix("  "), let count = values[key]?.count {
        values[key]?[count - 1] += "\n" + row.trimmed
      } else if last == nil {
        text.append(String(row))
      } else if !row.trimmed.isEmpty {
        throw fault(
          "“\(row.trimmed)” belongs to nothing: keys here are \(keys.joined(separator: " "))", at: line)
      }
    }
    return (text.joined(separator: "\n").trimmed, values)
  }

  private func prediction(_ body: [Substring], _ line: Int) throws -> Lesson.Prediction {
    let rows = body.filter { !$0.hasPrefix("- ") }
    let parts = try fields(Array(rows), ["answer", "because"], line)
    var out = Lesson.Prediction()
    out.question = parts.text
    out.answer = parts.values["answer"]?.first ?? ""
    out.because = parts.values["because"]?.first ?? ""
    for row in body where row.hasPrefix("- ") {
      let (choice, remark) = split(row.dropFirst(2))
      guard let colon = choice.firstIndex(of: ":") else {
        throw fault("“\(row)” should read - a: text -> remark", at: line)
      }
      out.choices.append((choice[..<colon].trimmed, choice[choice.index(after: colon)...].trimmed, remark))
    }
    guard !out.answer.isEmpty, !out.because.isEmpty, !out.question.isEmpty else {
      throw fault("a prediction needs a question, answer: and because:", at: line)
    }
    guard out.choices.isEmpty || out.choices.contains(where: { $0.key == out.answer }) else {
      throw fault("the answer \(out.answer) is not one of the choices", at: line)
    }
    return out
  }

  private func assignment(_ body: [Substring], _ line: Int) throws -> Lesson.Assignment {
    let parts = try fields(body, ["check", "misconception", "hint", "answer"], line)
    var out = Lesson.Assignment()
    out.text = parts.text
    out.checks = parts.values["check"] ?? []
    out.hints = parts.values["hint"] ?? []
    out.answer = (parts.values["answer"] ?? []).joined(separator: "\n")
    out.misconceptions = (parts.values["misconception"] ?? []).map {
      let (formula, remark) = split($0[...]); return (formula, remark)
    }
    guard !out.text.isEmpty, !out.checks.isEmpty, !out.hints.isEmpty, !out.answer.isEmpty else {
      throw fault("a task needs a text, check:, hint: and answer:", at: line)
    }
    return out
  }

  private func split(_ text: Substring) -> (String, String) {
    guard let arrow = text.firstRange(of: "->") else { return (text.trimmed, "") }
    return (text[..<arrow.lowerBound].trimmed, text[arrow.upperBound...].trimmed)
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: String {
    var part = self[...]
    while part.first?.isWhitespace == true { part = part.dropFirst() }
    while part.last?.isWhitespace == true { part = part.dropLast() }
    return String(part)
  }
}
