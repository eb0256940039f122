import Testing

@testable import Terminal

/// Lines from an array, with what was asked of them.
final class ListSource: LineSource {
  var readings: [Reading]
  var prompts: [String] = []
  var before: [String] = []
  var remembered: [String] = []

  init(_ readings: [Reading]) { self.readings = readings }

  func read(prompt: String, after cell: String) -> Reading {
    prompts.append(prompt)
    before.append(cell)
    return readings.isEmpty ? .end : readings.removeFirst()
  }

  func remember(_ cell: String) { remembered.append(cell) }
}

@Suite struct CellReaderTests {
  func read(_ source: ListSource) -> Reading {
    CellReader(source).read(prompt: "> ") { text in
      let open = text.filter { $0 == "{" }.count, closed = text.filter { $0 == "}" }.count
      return open > closed ? .incomplete : open < closed ? .invalid : .complete
    }
  }

  @Test func linesBecomeACell() {
    let source = ListSource([.line("a {"), .line(""), .line("}"), .line("b")])
    #expect(read(source) == .line("a {\n\n}"))
    #expect(source.prompts == ["> ", "...> ", "...> "])
    #expect(source.before == ["", "a {\n", "a {\n\n"])
    #expect(read(source) == .line("b"))
    #expect(read(source) == .end)
    #expect(source.remembered == ["a {\n\n}", "b"])
  }

  @Test func interruptsAndErrorsEndACell() {
    let source = ListSource([.line("{"), .interrupted, .line("}"), .line("{"), .end])
    #expect(read(source) == .interrupted)
    #expect(read(source) == .line("}"))
    #expect(read(source) == .line("{"))
    #expect(source.remembered == ["}", "{"])
  }

  @Test func blankCellsAreNotRemembered() {
    let source = ListSource([.line("  "), .line("x\n\n")])
    #expect(read(source) == .line("  "))
    #expect(read(source) == .line("x"))
    #expect(source.remembered == ["x"])
  }
}
