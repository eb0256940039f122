import Events

@testable import Notebook

/// A session that keeps what it shows.
final class Looker {
  let session: Session
  private(set) var events: [Event] = []

  /// A session on which some lines were run.
  init(_ lines: String...) {
    session = Session(observer: { _ in })
    session.observer = { [unowned self] in self.events.append($0) }
    for line in lines { session.execute(line) }
  }

  /// A small model with a task, and LoRA of rank 2 on q and v.
  static func lora() -> Looker {
    Looker(
      "let m = gpt layers=2 dim=16 heads=2 ctx=16", "task +2 rows=4",
      "attach lora r=2 alpha=4 on=attn.q,attn.v")
  }

  /// What a line shows.
  @discardableResult
  func run(_ line: String) -> [Event] {
    events = []
    session.execute(line)
    return events
  }

  /// The same as text of some width.
  func text(_ line: String, width: Int = 80) -> String {
    let plain = PlainText(Presentation(width: width))
    return run(line).map { plain.text(of: $0) }.joined()
  }

  /// The table of a line; empty where it shows none.
  func table(_ line: String) -> Table {
    for case .table(let table) in run(line) { return table }
    return Table(columns: [], rows: [])
  }

  /// The error of a line.
  func failure(_ line: String) -> String {
    for case .error(let view) in run(line) { return view.failure.description }
    return ""
  }

  /// A number of a formula.
  func number(_ formula: String) throws -> Double { try session.value(of: formula).asNumber ?? .nan }
}

extension Datum {
  /// An exact 0 that came from numbers.
  static var zero: Datum { .number(Double(0)) }

  /// The number in it.
  var asNumber: Double? { if case .number(let x) = self { x } else { nil } }

  /// The words in it.
  var asWords: String { if case .text(let text) = self { text.plain } else { "" } }
}

extension Table {
  /// The cells of a column by its title.
  func column(_ title: String) -> [Datum] {
    guard let at = columns.firstIndex(where: { $0.title == title }) else { return [] }
    return rows.map { at < $0.count ? $0[at] : .empty }
  }

  /// The row that begins with a text.
  func row(_ name: String) -> [Datum] { rows.first { $0.first == .words(name) } ?? [] }

  /// A cell by the row's first text and the column's title.
  func cell(_ name: String, _ title: String) -> Datum {
    guard let at = columns.firstIndex(where: { $0.title == title }), at < row(name).count else {
      return .empty
    }
    return row(name)[at]
  }
}

/// The structure of a text: every number is `#`, runs of blanks are one blank, bars and sparks are gone.
func structure(_ text: String) -> String {
  var out = "", isNumber = false
  for c in text {
    if c.isNumber || (isNumber && ".,e+-".contains(c)) {
      if !isNumber { out += "#" }
      isNumber = true
      continue
    }
    isNumber = false
    if "█▏▎▍▌▋▊▉▒▁▂▃▄▅▆▇░▓".contains(c)
      || (c.unicodeScalars.first.map { (0x2800...0x28FF).contains($0.value) } ?? false)
    {
      continue
    }
    if c == " ", out.last == " " { continue }
    out.append(c)
  }
  return out
}
