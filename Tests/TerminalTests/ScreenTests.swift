import Foundation
import Testing

@testable import Terminal

/// What the screen writes, read back from a pipe.
@Suite struct ScreenTests {
  /// What is written by `body`.
  func written(live: Bool = false, _ body: (Screen) -> Void) -> String {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    let facts = TerminalFacts(outputIsTerminal: live, term: live ? "xterm" : "dumb")
    body(Screen(facts: facts, output: ends[1]))
    close(ends[1])
    defer { close(ends[0]) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(ends[0], &bytes, bytes.count)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }

  @Test func onlyWholeLinesAreWritten() {
    #expect(written { $0.write("a\nb") } == "a\n")
    #expect(
      written {
        $0.write("a"); $0.write("b\n")
      } == "ab\n")
    #expect(
      written {
        $0.write("question? "); $0.flush()
      } == "question? ")
    #expect(
      written {
        $0.write("a"); $0.freshLine(); $0.freshLine(); $0.line("b")
      } == "a\nb\n")
  }

  @Test func progressIsOnlyForTerminals() {
    #expect(
      written {
        $0.progress("50 %"); $0.endProgress(); $0.line("x")
      } == "x\n")
    let erase = "\r\u{1B}[K"
    #expect(
      written(live: true) {
        $0.progress("1"); $0.progress("2"); $0.endProgress("3")
      } == erase + "1" + erase + "3\n")
    #expect(
      written(live: true) {
        $0.progress("1"); $0.line("text"); $0.endProgress("")
      }
        == erase + "1" + erase + "text\n" + erase + "1" + erase)
  }

  @Test func theReaderMayBeGone() {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    close(ends[0])
    let screen = Screen(facts: TerminalFacts(), output: ends[1])
    screen.line("lost")
    #expect(screen.isBroken)
    close(ends[1])
  }

  @Test func linesAreCutByColumns() {
    #expect(clipped("abcdef", columns: 4) == "abcd")
    #expect(clipped("数据数据", columns: 5) == "数据")
    #expect(clipped("a\u{301}bc", columns: 2) == "a\u{301}b")
    #expect(clipped("\u{1B}[31mred\u{1B}[0m!", columns: 4) == "\u{1B}[31mred\u{1B}[0m!")
    #expect(clipped("\u{1B}[31mred", columns: 2) == "\u{1B}[31mre\u{1B}[0m")
    #expect(clipped("a\nb\tc", columns: 9) == "a b c")
  }

  @Test func promptsAreMarked() {
    #expect(
      ReadlineSource.marked("\u{1B}[1;32mgraft\u{1B}[0m> ")
        == "\u{1}\u{1B}[1;32m\u{2}graft\u{1}\u{1B}[0m\u{2}> ")
    #expect(ReadlineSource.marked("plain> ") == "plain> ")
    #expect(ReadlineSource.marked("\u{1B}[") == "\u{1}\u{1B}[\u{2}")
  }

  @Test func colourNeedsAReasonAndAMeans() {
    #expect(TerminalFacts(outputIsTerminal: true, term: "xterm").hasColor)
    #expect(!TerminalFacts(outputIsTerminal: true, term: "xterm", noColor: true).hasColor)
    #expect(!TerminalFacts(outputIsTerminal: true, term: "dumb").hasColor)
    #expect(!TerminalFacts(outputIsTerminal: false, term: "xterm").hasColor)
  }
}
