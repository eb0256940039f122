import Events
import Formats
import Options

/// `parity`: our numbers against those that peft wrote into a folder.
public struct ParityCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "parity", "Compares logits, losses, gradients and training with what torch and peft wrote into a folder.",
    formula:
      "|own − peft| ≤ 1e-4·max(1, max|peft|); a gradient: 1e-3·max|peft| + 1e-7, or 1e-6 of the largest of all",
    use: "Scripts/golden_parity.py DIR writes a folder; the project's own lies in Tests/Golden/parity.",
    examples: ["parity Tests/Golden/parity", "parity Tests/Golden/parity grads"],
    notes: [
      "Each number is the largest difference; of several gradients the one that uses most of what is allowed.",
      "merged: logits with the adapter folded into the weights. trace: the losses along five AdamW steps.",
      "Logits of places that see no token (padding on the left) are left out: libraries differ there.",
      "saved: logits with the tensors of adapter_model.safetensors. Methods run as like=peft.",
    ])

  /// Whether every gradient has its line.
  public var grads = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<ParityCommand>] {
    [Option("grads", \.grads, "a line for every gradient, with norm and cosine")]
  }
  /// The folder.
  public static var takes: Takes { Takes("FOLDER", 1...1, isPath: true) }

  /// Nothing named yet.
  public init() {}

  /// Checks the folder; fails where a case does.
  public func run(_ session: Session) throws -> Done {
    let report: ParityReport
    do {
      report = try Self.check(session.path(call.text(0) ?? ""), grads: grads, session)
    } catch let failure as Failure { throw failure.at(call.places.first) }
    if session.interrupt.isRaised { session.say("stopped before the end") }
    guard report.failed == 0 else {
      throw Failure("\(report.failed) of \(report.cases.count) cases do not agree with peft.")
    }
    return .unrecorded
  }

  /// Checks a folder and shows a line a case, then the counts.
  public static func check(_ path: String, grads: Bool, _ session: Session) throws -> ParityReport {
    let report = try Parity.check(
      path, files: session.surroundings.files, interrupt: session.interrupt
    ) { _ in }
    for name in report.cases.map(\.architecture).reduce(
      into: [String](), { if $0.last != $1 { $0.append($1) } })
    {
      let these = report.cases.filter { $0.architecture == name }
      let run = these.filter { !$0.checks.isEmpty || $0.verdict == .passed }
      if run.isEmpty { session.say(.strong(name)) } else { session.emit(.table(table(name, these))) }
      for line in reasons(these) { session.emit(line) }
    }
    if grads { session.emit(.table(gradients(report))) }
    session.say(
      .strong("\(report.passed) passed, \(report.failed) failed, \(report.skipped) skipped"))
    return report
  }

  /// Why cases failed or were skipped, those with one reason together.
  private static func reasons(_ cases: [ParityCase]) -> [Event] {
    var groups: [(reason: String, verdict: ParityCase.Verdict, names: [String])] = []
    for one in cases where !one.reason.isEmpty {
      if let last = groups.last, last.reason == one.reason, last.verdict == one.verdict {
        groups[groups.count - 1].names.append(one.name)
      } else {
        groups.append((one.reason, one.verdict, [one.name]))
      }
    }
    return groups.map { reason, verdict, names in
      let line = StyledText("\(names.joined(separator: " ")) \(verdict.rawValue): \(reason)")
      return verdict == .failed ? .warning(line) : .note(Note(line))
    }
  }

  /// A model's cases, a line each.
  private static func table(_ name: String, _ cases: [ParityCase]) -> Table {
    let columns: [Table.Column] =
      [.init("case", priority: 0)] + kinds.map { .init($0.title, .right, priority: 1) }
      + [.init("", priority: 0)]
    return Table(
      name, columns: columns,
      rows: cases.map { one in
        [.words(one.name)] + kinds.map { cell(one, $0.kind) } + [.words(one.verdict.rawValue)]
      })
  }

  /// The report as one JSON document, and how many cases failed.
  public static func json(_ path: String, _ session: Session) throws -> (text: String, failed: Int) {
    let report = try Parity.check(path, files: session.surroundings.files, interrupt: session.interrupt)
    return (try report.json.text(.pretty), report.failed)
  }

  private static let kinds: [(title: String, kind: ParityCheck.Kind)] = [
    ("logits", .logits), ("loss", .loss), ("grad", .gradient), ("merged", .merged), ("trace", .trace),
    ("saved", .saved),
  ]

  private static func cell(_ one: ParityCase, _ kind: ParityCheck.Kind) -> Datum {
    guard let worst = one.worst(kind) else { return .empty }
    let text = formatted(worst.difference, digits: 2)
    return .text(worst.passed ? StyledText(text) : .bad(text))
  }

  private static func gradients(_ report: ParityReport) -> Table {
    let rows = report.cases.flatMap { one in
      one.checks.filter { $0.kind == .gradient || $0.kind == .residual }.map { check -> [Datum] in
        [
          .words("\(one.architecture)/\(one.name)"), .words(shortened(check.name)),
          .words(formatted(check.difference, digits: 2)), .words(formatted(check.allowed, digits: 2)),
          .words(formatted(check.norms.reference, digits: 3)), .words(formatted(check.cosine, digits: 6)),
        ]
      }
    }
    let columns: [Table.Column] = [
      .init("case", priority: 2), .init("tensor", priority: 0, isWhole: true),
      .init("difference", .right, priority: 0),
      .init("allowed", .right, priority: 1), .init("norm", .right, priority: 3),
      .init("cosine", .right, priority: 1),
    ]
    return Table(columns: columns, rows: rows)
  }

  /// A live name without what all of them have.
  private static func shortened(_ name: String) -> String {
    var text = name[...]
    for start in ["base_model.model.", "prompt_encoder.default.", "transformer."] where text.hasPrefix(start)
    {
      text = text.dropFirst(start.count)
    }
    return String(text)
  }
}
