import Options
import Testing

@testable import Notebook

@Suite struct RoundTripTests {
  @Test(arguments: Corpus.lines)
  func canonicalReadsBack(_ line: String) throws {
    let cell = try parsed(line)
    let again = try parsed(cell.description)
    #expect(again.unplaced == cell.unplaced, "\(cell.description)")
    #expect(again.description == cell.description)
    #expect(Completeness.of(line) == .complete)
    for statement in cell.statements {
      #expect(try parsed(statement.canonical).statements.map(\.unplaced.kind) == [statement.unplaced.kind])
    }
  }

  /// Every text, as an argument, comes back as it was.
  @Test func anyTextCanBeSpelled() throws {
    let pieces = [
      "a", "8", "yes", "no", "%", "%7", "@", ":", "=", " ", "\\", "\"", "\n", "\r\n", "\t", "#", ";", ",",
      "(", "[", "{", "..", "-", "1e5",
      "\u{0}", "\u{7F}", "\u{A0}", "\u{3000}", "\u{FEFF}",
      "学", "e\u{301}", "=\u{338}", "?", "x:", "👩‍👩‍👧", "*.a",
    ]
    for a in pieces {
      for b in [""] + pieces {
        let text = a + b
        let line = "gen " + Syntax.spelling(of: .text(text)) + " v=" + Syntax.spelling(of: .text(text))
        guard case .command(let command) = try parsed(line).statements[0].kind else {
          throw Failure("no command")
        }
        #expect(command.arguments.map(\.value.literal) == [.text(text), .text(text)], "\(line)")
        #expect(command.arguments[0].value.literal?.asText?.utf8.elementsEqual(text.utf8) == true)
      }
    }
  }

  @Test func anyValueCanBeSpelled() throws {
    let values: [OptionValue] = [
      .integer(.max), .integer(-5), .number(1), .number(1e-5), .number(1e300), .number(2.5e-308),
      .number(0.1),
      .flag(true), .range(-3, 5),
      .list([]), .list([.integer(1)]), .list([.list([]), .list([.text("a b"), .number(2)])]),
      .list([.text("8"), .flag(false)]),
    ]
    for value in values {
      guard case .command(let command) = try parsed("set v=" + Syntax.spelling(of: value)).statements[0].kind
      else {
        throw Failure("no command")
      }
      #expect(command.arguments[0].value.literal == value)
    }
  }
}
