import Foundation
import Testing
import TestSupport

/// The notebook as a person uses it.
@Suite struct GraftPromptTests {
  @Test func theFirstTimeSaysWhatItIsAndLaterHowToGoOn() throws {
    try withFolder { folder in
      let first = try GraftProgram(folder: folder)
      #expect(Pty.stripped(first.pty.output).hasPrefix("  Graft: build a small model"))
      try first.ask("gpt layers=1 dim=8 heads=2", for: "parameters", prompt: "graft[2]*> ")
      try first.pty.send("\u{4}")
      let end = try first.pty.waitForEnd()
      #expect(end.code == 0 && end.output.contains("continues"))
      let second = try GraftProgram(folder: folder)
      let greeting = Pty.stripped(second.pty.output)
      #expect(!greeting.contains("build a small model") && greeting.contains("continues"))
      try second.ask("run \(folder)/state/last.graft", for: "parameters", prompt: "graft[3]*> ")
      try second.ask("undo; redo", for: "redid", prompt: "graft[4]*> ")
      try second.pty.send("quit\r")
      #expect(try second.pty.waitForEnd().code == 0)
    }
  }

  @Test func tabCompletes() throws {
    try withFolder { folder in
      let graft = try GraftProgram(folder: folder)
      try graft.ask("gpt layers=1 dim=8 heads=2 ctx=16", for: "parameters", prompt: "graft[2]*> ")
      try graft.pty.send("att\t")
      try graft.pty.expect("attach ")
      try graft.pty.send("lor\t")
      try graft.pty.expect("lora ")
      try graft.pty.send("dro\t")
      try graft.pty.expect("dropout=")
      try graft.pty.send("0.5 on=attn.\t")
      try graft.pty.expect("attn.k")
      try graft.pty.send("q\t\r")
      try graft.pty.expect("1 site ")
    }
  }

  @Test func anErrorPointsAndUpRecallsTheCorrection() throws {
    try withFolder { folder in
      let graft = try GraftProgram(folder: folder)
      let text = try graft.ask("  atach lora", for: "recalls", prompt: "graft[2]> ")
      #expect(
        text.contains("\n      atach lora\n      ^~~~~\n") && text.contains("↑ recalls the corrected line"),
        "\(text)")
      try graft.pty.send("\u{1B}[A")
      try graft.pty.expect("attach lora")
      try graft.pty.send("\r")
      try graft.pty.expect("there is no model yet")
    }
  }

  @Test func thePromptShowsPlaceAndState() throws {
    try withFolder { folder in
      let graft = try GraftProgram(folder: folder)
      try graft.ask("1 + 1", for: "= 2", prompt: "graft[2]> ")
      try graft.ask("", prompt: "graft[2]> ")
      try graft.ask("# a comment", prompt: "graft[2]> ")
      try graft.ask("gpt layers=1 dim=8 heads=2; task +2 length=8", for: "sequences", prompt: "graft[3]*> ")
      try graft.ask("step 3", for: "loss", prompt: "graft[4]* ·3> ")
      try graft.ask("step -1", for: "back at step 2", prompt: "graft[5]* ·2> ")
    }
  }

  @Test func blocksAndPastedTranscripts() throws {
    try withFolder { folder in
      let graft = try GraftProgram(folder: folder)
      try graft.pty.send("repeat 2 {\r")
      try graft.pty.expect("...> ")
      try graft.pty.send("2 + 3 }\r")
      try graft.pty.expect("Out[1] = 5")
      try graft.pty.expect("Out[1] = 5")
      try graft.pty.expect("graft[2]> ")
      let copied = "graft[16]* lora/5 ·21> let x = 4\n  x = 4\ngraft[17]> x * x\n  Out[17] = 16\n"
      try graft.pty.send(Echo.paste.begin + copied + Echo.paste.end + "\r")
      try graft.pty.expect("Out[2] = 16")
      try graft.pty.expect("graft[3]*> ")
    }
  }

  @Test func historyIsKept() throws {
    try withFolder { folder in
      let first = try GraftProgram(folder: folder)
      try first.ask("let remembered = 5", for: "= 5", prompt: "graft[2]*> ")
      try first.pty.send("exit\r")
      try first.pty.waitForEnd()
      #expect(
        try String(contentsOfFile: folder + "/state/history", encoding: .utf8) == "let remembered = 5\nexit\n"
      )
      let second = try GraftProgram(folder: folder)
      try second.pty.send("let r\u{1B}[A")
      try second.pty.expect("let remembered = 5")
    }
  }

  @Test(arguments: [40, 200]) func linesFitTheWindow(columns: Int) throws {
    try withFolder { folder in
      let graft = try GraftProgram(folder: folder, columns: columns)
      try graft.ask("gpt layers=1 dim=8 heads=2", for: "parameters", prompt: "graft[2]*> ")
      let text = try graft.ask("?; ??lora; ?choose; set", for: "threads", prompt: "graft[3]*> ")
      let widths = text.split(separator: "\n").dropFirst().map { $0.unicodeScalars.count }
      #expect((widths.max() ?? 0) <= columns && (widths.max() ?? 0) > columns / 2, "\(widths.max() ?? 0)")
      graft.pty.resize(rows: 24, columns: 60)
      let narrow = try graft.ask("??lora", for: "struct LoRA", prompt: "graft[4]*> ")
      #expect((narrow.split(separator: "\n").dropFirst().map { $0.unicodeScalars.count }.max() ?? 0) <= 60)
    }
  }

  @Test func withoutEscapes() throws {
    try withFolder { folder in
      for (arguments, term, environment) in [
        (["--plain"], "xterm", [:]), ([], "dumb", [:]),
        (["--plain", "--reader"], "xterm", ["GRAFT_READER": "1"]),
      ] as [([String], String, [String: String])] {
        let variables = environment.merging(["LANG": "C.UTF-8"]) { $1 }
        let graft = try GraftProgram(arguments, folder: folder, environment: variables, term: term)
        try graft.ask(
          "gpt layers=1 dim=8 heads=2; task +2 length=8; step 300; ?", for: "?choose",
          prompt: "graft[2]* ·300> ")
        try graft.ask("atach", for: "error", prompt: "graft[3]* ·300> ")
        try graft.pty.send("quit\r")
        try graft.pty.waitForEnd()
        #expect(!graft.pty.output.contains("\u{1B}"), "\(arguments) \(term)")
        #expect(graft.pty.output.contains("step 300"))
      }
    }
  }

  @Test func noColourMeansNoColours() throws {
    try withFolder { folder in
      for (environment, isColoured) in [
        (["LANG": "C.UTF-8"], true), (["LANG": "C.UTF-8", "NO_COLOR": "1"], false),
      ] {
        let graft = try GraftProgram(
          folder: folder, environment: environment, prompt: isColoured ? "graft[1]>\u{1B}[0m " : "graft[1]> ")
        try graft.pty.send("?\r")
        try graft.pty.expect("?choose")
        #expect(graft.pty.output.contains("\u{1B}[36m") == isColoured)
      }
    }
  }

  @Test func aReaderGetsWordsAndLines() throws {
    try withFolder { folder in
      let graft = try GraftProgram(["--reader"], folder: folder)
      let text = try graft.ask(
        "gpt layers=1 dim=8 heads=2; task +2 length=8; step 400", for: "done", prompt: "graft[2]* ·400> ")
      #expect(text.contains("step 400, loss") && !text.contains("█"), "\(text)")
    }
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func askedToLeave(signal: Int32) throws {
    try withFolder { folder in
      let graft = try GraftProgram(folder: folder)
      try graft.ask("let x = 5", for: "= 5", prompt: "graft[2]*> ")
      graft.pty.kill(signal)
      let end = try graft.pty.waitForEnd()
      #expect(end.code == 0 && graft.pty.isCooked)
      #expect(try String(contentsOfFile: folder + "/state/journal.graft", encoding: .utf8) == "let x = 5\n")
    }
  }
}
