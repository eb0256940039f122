import Foundation
import Testing
import TestSupport

/// Typing at a real terminal.
@Suite struct EditingTests {
  @Test func controlKeysEditTheLine() throws {
    let echo = try Echo()
    try echo.ask("world\u{1}hello \u{5}!", for: "got [hello world!]")  // Ctrl-A, Ctrl-E
    try echo.ask("keep drop\u{1}\u{6}\u{6}\u{6}\u{6}\u{B}", for: "got [keep]")  // Ctrl-F four times, Ctrl-K
  }

  @Test func inputrcHasTheLastWord() throws {
    try withFolder { folder in
      let file = folder + "/inputrc"
      let text =
        "$if graft\n\"\\C-t\": \"graft!\"\n\"\\e[A\": \"up!\"\n$endif\n$if bash\n\"\\C-t\": \"no\"\n$endif\n"
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let echo = try Echo(environment: ["INPUTRC": file, "NO_COLOR": "1"])
      try echo.ask("\u{14}", for: "got [graft!]")
      try echo.ask("\u{1B}[A", for: "got [up!]")
    }
  }

  @Test func openBlocksContinueOverEmptyLines() throws {
    let echo = try Echo()
    try echo.pty.send("repeat 2 {\r")
    try echo.pty.expect("...> ")
    try echo.pty.send("\r")
    try echo.pty.expect("...> ")
    try echo.ask("}", for: "got [repeat 2 {\r\n\r\n}]")
    try echo.pty.send("a\\\r")
    try echo.pty.expect("...> ")
    try echo.ask("b", for: "got [a\\\r\nb]")
  }

  @Test func aPasteIsOneCell() throws {
    let echo = try Echo()
    try echo.ask(
      Echo.paste.begin + "one\rtwo = 2\rthree" + Echo.paste.end, for: "got [one\r\ntwo = 2\r\nthree]")
    try echo.ask(Echo.paste.begin + "last newline\r" + Echo.paste.end, for: "got [last newline]")
    // A Tab in a paste completes nothing.
    try echo.ask(Echo.paste.begin + "atta\tb" + Echo.paste.end, for: "got [atta\tb]")
  }

  @Test(arguments: [["LANG": "C.UTF-8"], [:], ["LC_ALL": "C"], ["LANG": "xx_YY.UTF-8"]])
  func chineseIsDeletedByTheCharacter(environment: [String: String]) throws {
    let echo = try Echo(environment: environment.merging(["NO_COLOR": "1"]) { $1 })
    try echo.ask("你好吗\u{7F}", for: "got [你好]")
    try echo.ask("数据\u{2}大\u{5}全角！", for: "got [数大据全角！]")  // Ctrl-B moves over one character
    let shows = environment["LC_ALL"] == nil
    try echo.ask("facts", for: "facts utf8 \(shows) dumb false")
  }

  @Test func controlDEndsAndPutsTheTerminalRight() throws {
    let echo = try Echo()
    #expect(!echo.pty.isCooked)
    try echo.pty.send("\u{4}")
    let end = try echo.pty.waitForEnd()
    #expect(Pty.stripped(end.output) == "\nbye\n")
    #expect(end.code == 0)
    #expect(echo.pty.isCooked)
  }

  @Test func controlDInsideABlockHandsOverWhatThereIs() throws {
    let echo = try Echo()
    try echo.pty.send("open {\r")
    try echo.pty.expect("...> ")
    try echo.pty.send("\u{4}")
    try echo.pty.expect("got [open {]")
    try echo.pty.expect(Echo.prompt)
  }

  @Test func aDumbTerminalGetsNoEscapeSequences() throws {
    let echo = try Echo(environment: [:], term: "dumb")
    try echo.ask("plain", for: "got [plain]")
    try echo.ask("facts", for: "facts utf8 true dumb true color false")
    try echo.pty.send("busy\r")
    try echo.pty.expect("busy\r\n")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("interrupts 1")
    try echo.pty.expect(Echo.prompt)
    try echo.pty.send("\u{4}")
    try #expect(echo.pty.waitForEnd().output == "\r\nbye\r\n")
    #expect(!echo.pty.output.contains("\u{1B}"))
  }

  @Test func aColouredPromptDoesNotDisturbEditing() throws {
    let echo = try Pty(builtProduct(named: "EchoTerminal"), environment: ["LANG": "C.UTF-8"], columns: 40)
    try echo.expect("\u{1B}[1mecho>\u{1B}[0m ")
    let long = String(repeating: "x", count: 60)  // over the end of the window's line
    try echo.send(long + "\u{1}y\u{5}z\r")
    try echo.expect("got [y\(long)z]")
  }

  @Test func widthFollowsTheWindow() throws {
    let echo = try Echo(columns: 100)
    try echo.ask("width", for: "width 100")
    echo.pty.resize(rows: 24, columns: 120)
    try echo.ask("width", for: "width 120")
    echo.pty.resize(rows: 24, columns: 20)
    try echo.ask("width", for: "width 40")
    echo.pty.resize(rows: 24, columns: 500)
    try echo.ask("width", for: "width 200")
  }
}
