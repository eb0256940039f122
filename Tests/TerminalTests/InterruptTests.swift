import Foundation
import Testing
import TestSupport

/// Ctrl-C wherever it can be pressed, and the other signals.
@Suite struct InterruptTests {
  @Test func anEmptyPromptStays() throws {
    let echo = try Echo()
    for _ in 0..<3 {
      try echo.pty.sendInterrupt()
      let text = try echo.pty.expect("interrupted")
      #expect(Pty.stripped(text) == "^C\ninterrupted")
      try echo.pty.expect(Echo.prompt)
    }
    try echo.ask("alive", for: "got [alive]")
  }

  @Test func typedTextIsEmptied() throws {
    let echo = try Echo()
    try echo.pty.send("half a line\u{1}")
    try echo.pty.expect("half a line")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("^C")
    try echo.pty.expect(Echo.prompt)
    try echo.ask("whole", for: "got [whole]")
  }

  @Test func anOpenBlockIsGivenUp() throws {
    let echo = try Echo()
    try echo.pty.send("repeat 2 {\r")
    try echo.pty.expect("...> ")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("interrupted")
    try echo.pty.expect(Echo.prompt)
    try echo.ask("}", for: "got [}]")
  }

  /// Within a search or a repetition count readline waits for one more key.
  @Test(arguments: ["\u{12}sea", "abc\u{1B}5"])
  func insideAnotherKey(keys: String) throws {
    let echo = try Echo()
    try echo.ask("search me", for: "got [search me]")
    try echo.pty.send("+" + keys)
    try echo.pty.expect("+")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("interrupted")
    try echo.pty.expect(Echo.prompt)
    try echo.ask("after", for: "got [after]")
  }

  @Test func insideTheQuestionAboutManyCandidates() throws {
    try withFolder { folder in
      let file = folder + "/inputrc"
      try "set completion-query-items 2\n".write(toFile: file, atomically: true, encoding: .utf8)
      let echo = try Echo(environment: ["INPUTRC": file, "NO_COLOR": "1"])
      try echo.pty.send("\t")
      try echo.pty.expect("possibilities? (y or n)")
      try echo.pty.sendInterrupt()
      try echo.pty.expect("interrupted")
      try echo.pty.expect(Echo.prompt)
      try echo.ask("after", for: "got [after]")
    }
  }

  @Test func onceFinishesTheStep() throws {
    let echo = try Echo()
    try echo.pty.send("busy\r")
    try echo.pty.expect("step 1")
    #expect(echo.pty.isCooked)
    try echo.pty.sendInterrupt()
    try echo.pty.expect("stopped\r\ninterrupts 1")
    try echo.pty.expect(Echo.prompt)
    try echo.ask("counter", for: "counter 0")  // a prompt forgets what was counted
  }

  @Test func twiceCancelsTheStep() throws {
    let echo = try Echo()
    try echo.pty.send("busy long\r")
    try echo.pty.expect("step 1")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("finishing the step\r\n")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("interrupts 2")
    try echo.pty.expect(Echo.prompt)
  }

  @Test func theLiveLineStaysInTheWindow() throws {
    let echo = try Echo(columns: 50)
    try echo.pty.send("busy\r")
    try echo.pty.expect("\r\u{1B}[Kstep 1 ")
    let text = try echo.pty.expect("\r\u{1B}[K")  // its next form, a tenth of a second later
    #expect(text.filter { $0 == "█" }.count == 49 - "step 1 ".count)
    #expect(!text.contains("\n") && !text.contains("\u{1B}[A"))
    try echo.pty.sendInterrupt()
    try echo.pty.expect("interrupts 1")
  }

  @Test func aLineTypedAheadIsReadAfterwards() throws {
    let echo = try Echo()
    try echo.pty.send("busy long\r")
    try echo.pty.expect("step 1")
    echo.pty.kill(SIGINT)  // unlike the key, this leaves the typed lines alone
    try echo.pty.expect("finishing the step\r\n")
    try echo.pty.send("typed ahead\r")
    try echo.pty.expect("typed ahead")
    echo.pty.kill(SIGINT)
    try echo.pty.expect("got [typed ahead]")
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func askedToLeave(signal: Int32) throws {
    let echo = try Echo()
    try echo.pty.send("unfinished")
    try echo.pty.expect("unfinished")
    echo.pty.kill(signal)
    let end = try echo.pty.waitForEnd()
    #expect(Pty.stripped(end.output).hasSuffix("\nleaving\n"))
    #expect(end.code == 0)
    #expect(echo.pty.isCooked)
  }

  @Test func askedToLeaveWhileBusy() throws {
    let echo = try Echo()
    try echo.pty.send("busy\r")
    try echo.pty.expect("step 1")
    echo.pty.kill(SIGTERM)
    let end = try echo.pty.waitForEnd()
    #expect(end.output.hasSuffix("stopped\r\ninterrupts 1\r\nleaving\r\n"))
    #expect(end.code == 0)
  }

  @Test func aClosedWindowEndsTheProgram() throws {
    try withFolder { folder in
      var echo: Echo? = try Echo(history: folder + "/history")
      let pid = try #require(echo?.pty.pid)
      try echo?.ask("x", for: "got [x]")
      echo = nil
      #expect(kill(pid, 0) == -1)  // gone, and the history is there
      #expect(try String(contentsOfFile: folder + "/history", encoding: .utf8) == "x\n")
    }
  }

  @Test func quitPutsTheTerminalRight() throws {
    let echo = try Echo()
    try echo.pty.send("\u{1C}")  // Ctrl-\
    let end = try echo.pty.waitForEnd()
    #expect(end.code == 128 + Int(SIGQUIT))
    #expect(echo.pty.isCooked)
  }

  @Test func aContinuedProgramShowsItsLineAgain() throws {
    let echo = try Echo()
    try echo.pty.send("half")
    try echo.pty.expect("half")
    echo.pty.kill(SIGSTOP)
    echo.pty.kill(SIGCONT)
    try echo.pty.expect("half")
    try echo.ask(" done", for: "got [half done]")
  }

  /// The terminal forgets what was typed before Ctrl-C, at whatever moment the program is about to read it.
  @Test func atAnyMomentOfTyping() throws {
    let echo = try Echo()
    for length in 0..<60 {
      try echo.pty.send(String("attach lora \u{12}at\u{1B}5abc\u{1}\u{B}\t数据".prefix(length % 20)) + "\u{3}")
      try echo.pty.expect("interrupted")
      try echo.pty.expect(Echo.prompt)
    }
    try echo.ask("alive", for: "got [alive]")
  }

  @Test func signalsMayReachAnotherThread() throws {
    let echo = try Echo()
    try echo.ask("elsewhere", for: "elsewhere\r\n")
    try echo.pty.send("half")
    try echo.pty.expect("half")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("interrupted")
    try echo.pty.expect(Echo.prompt)
    try echo.pty.send("busy\r")
    try echo.pty.expect("step 1")
    try echo.pty.sendInterrupt()
    try echo.pty.expect("interrupts 1")
    try echo.pty.expect(Echo.prompt)
    echo.pty.kill(SIGTERM)
    try #expect(echo.pty.waitForEnd().code == 0)
  }

  @Test func controlZGoesToTheShellAndBack() throws {
    let shell = try Pty("/bin/sh", ["-i"], environment: ["PS1": "shell$ ", "NO_COLOR": "1"])
    try shell.expect("shell$ ")
    try shell.send(builtProduct(named: "EchoTerminal") + "\r")
    try shell.expect(Echo.prompt)
    try shell.send("half")
    try shell.expect("half")
    try shell.send("\u{1A}")
    try shell.expect("shell$ ")
    #expect(shell.isCooked)
    try shell.send("fg\r")
    try shell.expect("echo> half")
    try shell.send(" done\r")
    try shell.expect("got [half done]")
  }

  @Test func aPipeIsInterruptedToo() throws {
    try withFolder { folder in
      let fifo = folder + "/fifo"
      mkfifo(fifo, 0o600)
      let input = open(fifo, O_RDWR)
      defer { close(input) }
      let command = "exec \"$0\" < \"$1\""
      let pty = try Pty("/bin/sh", ["-c", command, builtProduct(named: "EchoTerminal"), fifo])
      write(input, "one\n", 4)
      try pty.expect("got [one]")
      try pty.sendInterrupt()
      try pty.expect("interrupted")
      write(input, "busy\n", 5)
      try pty.expect("step 1")
      try pty.sendInterrupt()
      try pty.expect("interrupts 1\r\ninterrupted")  // a script does not go on by itself
      pty.kill(SIGTERM)
      #expect(try pty.waitForEnd().output.hasSuffix("leaving\r\n"))
    }
  }

  @Test func aNarrowerWindowRedrawsTheLine() throws {
    let echo = try Echo()
    try echo.pty.send("half")
    try echo.pty.expect("half")
    echo.pty.resize(rows: 24, columns: 60)
    try echo.pty.expect("half")
    try echo.ask(" done", for: "got [half done]")
  }
}
