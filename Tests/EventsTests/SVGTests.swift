import Events
import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Pictures of events: well-formed, whole, and saying in words what they show.
struct SVGTests {
  /// What a parser of XML finds.
  private final class Reader: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:], text = "", places: [Double] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      counts[name, default: 0] += 1
      for (key, value) in attributes where ["x", "y", "width", "height"].contains(key) && value != "100%" {
        places.append(Double(value) ?? .nan)
      }
    }
    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  }

  private func read(_ svg: String) throws -> Reader {
    let reader = Reader(), parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(reader.counts["svg"] == 1 && reader.counts["title"] == 1 && reader.counts["desc"] == 1)
    #expect(reader.places.allSatisfy { $0.isFinite && $0 > -1000 && $0 < 100_000 })
    return reader
  }

  @Test(arguments: SnapshotTests.names) func everyKindIsWellFormed(name: String) throws {
    let event = try #require(Samples.all.first { $0.name == name }).event
    let reader = try read(SVG().text(of: event))
    #expect(reader.text.count > 10)
  }

  @Test func severalStandBelowEachOther() throws {
    let events = Samples.all.map(\.event)
    let all = try read(SVG().document(events))
    #expect(all.counts["g"] == events.count)
    let chinese = try read(SVG(language: .zhHans).document(events))
    #expect(chinese.counts["g"] == events.count)
  }

  @Test func tablesShowEveryColumn() throws {
    let reader = try read(SVG().text(of: .table(Samples.table)))
    for word in ["method", "loss on a new skill", "1,536", "3.87 %", "prompt n=4"] {
      #expect(reader.text.contains(word), "\(word)")
    }
  }

  @Test func countsOfShapes() throws {
    let heat = try read(SVG().text(of: .heatmap(Samples.attention)))
    #expect(heat.counts["rect"] == 16 + 1)
    #expect(heat.text.contains("0.72") && heat.text.contains("·"))
    let bars = try read(SVG().text(of: .bars(Bars("", [.init("a", 1), .init("b", -2), .init("c", 0)]))))
    #expect(bars.counts["rect"] == 3 + 1)
    let lines = try read(SVG().text(of: .curve(Samples.two)))
    #expect((lines.counts["polyline"] ?? 0) >= 2 + 2)
    let counted = Histogram("x", values: (0..<50).map { Float($0) }, bins: 5)
    #expect(try read(SVG().text(of: .histogram(counted))).counts["rect"] == 5 + 1)
  }

  /// What XML could stumble over, and numbers that have no place on an axis.
  @Test func nothingBreaksIt() throws {
    let words = "<b attr=\"1\">&amp; ]]> \u{0}\u{1b}[31m \u{fffe} \u{202e}漢字"
    let strange: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, 1e308, -1e308, 2.3e-308, 1]
    let events: [Event] = [
      .prose(Prose([StyledText(words)])),
      .table(Table(words, columns: [.init(words)], rows: [[.words(words)], strange.map { .number($0) }])),
      .table(Table(columns: [], rows: [])),
      .curve(Curve([.init(words, y: strange), .init("", y: []), .init("one", y: [3])])),
      .curve(Curve("same", y: [2, 2, 2])), .curve(Curve("none", y: [.nan])),
      .heatmap(Heatmap(words, rows: [words, "b"], columns: ["c"], values: [strange])),
      .heatmap(Heatmap("", rows: [], columns: [], values: [])),
      .heatmap(Heatmap("", rows: (0..<300).map(String.init), columns: ["x"], values: [])),
      .bars(Bars(words, strange.map { .init(words, $0) })), .bars(Bars("", [])),
      .histogram(Histogram(words, values: strange.map { Float($0) })),
      .histogram(Histogram("", values: [])), .histogram(Histogram("", values: [4])),
    ]
    for event in events { _ = try read(SVG().text(of: event)) }
    _ = try read(SVG().document(events))
    _ = try read(SVG().document([]))
  }

  @Test func picture() throws {
    try expectSnapshot(SVG().text(of: .heatmap(Samples.attention)), named: "events/heatmap.svg")
  }
}
