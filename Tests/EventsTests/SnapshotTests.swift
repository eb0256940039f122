import Events
import Testing
import TestSupport

/// Every kind as it looks at 40 and 80 columns, in ASCII, for a screen reader, in Chinese and with colours.
struct SnapshotTests {
  static let names = Samples.all.map(\.name)

  func event(_ name: String) throws -> Event { try #require(Samples.all.first { $0.name == name }).event }

  @Test(arguments: names, [40, 80]) func width(name: String, width: Int) throws {
    let text = PlainText(Presentation(width: width)).text(of: try event(name))
    try expectSnapshot(text, named: "events/\(name)-\(width)")
  }

  func all(_ p: Presentation) -> String {
    Samples.all.map { "# \($0.name)\n" + ANSI(p).text(of: $0.event) }.joined(separator: "\n")
  }

  @Test func ascii() throws {
    try expectSnapshot(all(Presentation(unicode: false)), named: "events/all-ascii")
  }
  @Test func reader() throws {
    try expectSnapshot(all(Presentation(reader: true)), named: "events/all-reader")
  }
  @Test func chinese() throws {
    try expectSnapshot(all(Presentation(language: .zhHans)), named: "events/all-zh-Hans")
  }
  @Test func colours() throws {
    let text = all(Presentation(colour: true))
    let shown = text.replacing("\u{1b}", with: "␛")
    try expectSnapshot(shown, named: "events/all-colours")
  }
}
