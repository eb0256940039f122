import Events
import Foundation
import Testing

struct JSONTests {
  func object(_ event: Event, cell: Int = 7) throws -> [String: Any] {
    let line = JSONLines().text(of: event, cell: cell)
    #expect(line.hasSuffix("\n") && line.dropLast().allSatisfy { !$0.isNewline })
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func everyEventIsOneLine() throws {
    for (name, event) in Samples.all {
      let members = try object(event)
      #expect(members["event"] is String && members["cell"] as? Int == 7, "\(name)")
      let text = PlainText(Presentation(width: 80)).text(of: event)
      #expect(members["text"] as? String == String(text.dropLast()), "\(name)")
    }
    for text in WidthTests.awkward { for event in WidthTests.events(text) { _ = try object(event) } }
  }

  @Test func values() throws {
    #expect(try object(.value(ValueView(.words("9f3a01"))))["value"] as? String == "9f3a01")
    #expect(try object(.value(ValueView(.number(0.1))))["value"] as? Double == 0.1)
    #expect(try object(.value(ValueView(.number(Float(0.1)))))["value"] as? Double == 0.1)
    #expect(try object(.value(ValueView(.flag(true))))["value"] as? Bool == true)
    #expect(try object(.value(ValueView(.number(Double.nan))))["value"] as? String == "nan")
    #expect(try object(.value(ValueView(.numbers([1, 0.5]))))["value"] as? [Double] == [1, 0.5])
    #expect(try object(.prose("x"))["value"] == nil)
  }

  @Test func fields() throws {
    let table = try object(.table(Samples.table))
    #expect((table["columns"] as? [String])?.count == 7)
    #expect(((table["rows"] as? [[Any]])?[1][1]) as? Int == 3296)
    let curve = try object(.curve(Samples.two))
    let series = try #require(curve["series"] as? [[String: Any]])
    #expect(series.count == 2 && series[0]["y"] as? [Double] == Samples.losses)
    let error = try object(.error(Samples.failure))
    #expect(error["place"] as? [Int] == [19, 25] && error["cure"] as? String == "Did you mean “attn.q”?")
    let facts = try object(.facts(["loss": 0.25, "steps": 3]))
    #expect((facts["facts"] as? [String: Any])?["loss"] as? Double == 0.25)
  }

  @Test func wholeNumbersHaveNoFraction() {
    let line = JSONLines().text(of: .value(ValueView(.numbers([2, 0.5, -.infinity]))), cell: 1)
    #expect(line.contains(#""value":[2,0.5,"-inf"]"#), "\(line)")
  }
}
