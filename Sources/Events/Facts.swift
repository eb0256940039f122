import FileSystem

/// Names with values, in a line: `step 60   loss 0.002   1.3 s`.
public struct Facts: Shown, Sendable, Equatable, ExpressibleByDictionaryLiteral {
  static let kind = "facts"
  /// A name with its value; an empty name shows the value alone.
  public struct Fact: Sendable, Equatable {
    /// What it is.
    public var name: String
    /// How much.
    public var value: Datum
    /// A name with its value.
    public init(_ name: String, _ value: Datum) {
      self.name = name
      self.value = value
    }
  }
  /// What the facts are about, before them.
  public var lead: StyledText
  /// The facts in order.
  public var facts: [Fact]

  /// Facts about something.
  public init(_ lead: StyledText = "", _ facts: [Fact]) {
    self.lead = lead
    self.facts = facts
  }
  /// Facts in the order written.
  public init(dictionaryLiteral elements: (String, Datum)...) {
    self.init("", elements.map { Fact($0, $1) })
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    if p.reader {
      let start = lead.isEmpty ? [] : [lead]
      return start + facts.map { StyledText(p.phrase("colon", $0.name, $0.value.text(p).plain)) }
    }
    return flow(
      [lead] + facts.map { fact($0.name, $0.value.text(p)) }, width: width, indent: lead.isEmpty ? 0 : 2)
  }

  var fields: [(String, JSON)] {
    let members = facts.map { ($0.name, $0.value.json) }
    return (lead.isEmpty ? [] : [("lead", .string(lead.plain))]) + [("facts", .object(members))]
  }
}
