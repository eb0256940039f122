import Foundation
import Testing
import TestSupport

/// `graft run`, pipes, and the program's own flags.
@Suite struct GraftRunTests {
  private static func write(_ text: String, _ path: String) throws -> String {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func aGoodFileEndsWithZeroAndABadOneWithItsLine() throws {
    try withFolder { folder in
      let good = try Self.write(
        "gpt layers=1 dim=8 heads=2\n# then\nlet x = 2 + 3\nx * 2\n", folder + "/good.graft")
      let fine = try GraftProgram.piped(["run", good], folder: folder)
      #expect(fine.code == 0 && fine.output.contains("graft[3]*> x * 2\n  Out[3] = 10\n"), "\(fine.output)")
      let bad = try Self.write("let x = 2\n\natach lora\nlet y = 3\n", folder + "/bad.graft")
      let failed = try GraftProgram.piped(["run", bad], folder: folder)
      #expect(failed.code == 1 && !failed.output.contains("y = 3"))
      #expect(failed.output.contains("bad.graft:3: no") && failed.output.contains("    ^~~~~\n"))
      let missing = try GraftProgram.piped(["run", folder + "/god.graft"], folder: folder)
      #expect(missing.code == 1 && missing.output.contains("Did you mean “good.graft”?"))
      let markdown = try Self.write("# Notes\n\n```graft\n6 * 7\n```\n", folder + "/notes.md")
      #expect(try GraftProgram.piped(["run", markdown], folder: folder).output.contains("= 42"))
      let input = try GraftProgram.piped(["run", "-"], input: "6 * 7\natach\n", folder: folder)
      #expect(input.code == 1 && input.output.contains("= 42") && input.output.contains("standard input:2"))
    }
  }

  @Test func givenValuesStay() throws {
    try withFolder { folder in
      let file = try Self.write("let r = 4\nlet s = 1\nr * 10 + s\n", folder + "/a.graft")
      #expect(
        try GraftProgram.piped(["run", file, "--set", "r=8", "s=2"], folder: folder).output.contains("= 82"))
      #expect(try GraftProgram.piped(["run", "--set=r=9", file], folder: folder).output.contains("= 91"))
      let wrong = try GraftProgram.piped(["run", file, "--set", "r"], folder: folder)
      #expect(wrong.code == 1 && wrong.output.contains("gives no") || wrong.output.contains("does not give"))
    }
  }

  /// Each line is an object with at least event, cell and text.
  private static func lines(_ output: String) throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      let found = try #require(object)
      #expect(found["event"] is String && found["cell"] is Int && found["text"] is String, "\(line)")
      return found
    }
  }

  @Test func jsonShowsThatFiftyStepsBackAreExact() throws {
    try withFolder { folder in
      let script = """
        let m = gpt layers=2 dim=16 heads=2 ctx=16
        task +2
        attach lora r=4
        hash()
        step 50
        hash()
        step -50
        hash()
        """
      let file = try Self.write(script, folder + "/there-and-back.graft")
      let run = try GraftProgram.piped(["run", "--json", file], folder: folder)
      let lines = try Self.lines(run.output)
      let hashes = lines.filter { $0["event"] as? String == "value" }.compactMap { $0["value"] as? String }
      #expect(run.code == 0 && hashes.count == 3, "\(run.output)")
      #expect(hashes[0] == hashes[2] && hashes[0] != hashes[1])
      #expect(hashes.allSatisfy { $0.count == 16 && $0.allSatisfy(\.isHexDigit) })
      #expect(lines.compactMap { $0["cell"] as? Int } == lines.compactMap { $0["cell"] as? Int }.sorted())
    }
  }

  @Test func jsonTellsErrorsToo() throws {
    try withFolder { folder in
      let file = try Self.write("1\natach lora\n", folder + "/bad.graft")
      let run = try GraftProgram.piped(["run", file, "--json"], folder: folder)
      let last = try #require(try Self.lines(run.output).last)
      #expect(run.code == 1 && last["event"] as? String == "error" && last["cell"] as? Int == 2)
      #expect((last["what"] as? String)?.contains("bad.graft:2") == true)
    }
  }

  @Test func aPipeRunsWithoutPrompts() throws {
    try withFolder { folder in
      let run = try GraftProgram.piped(
        [], input: "let x = 3\n\n# comment\nrepeat 2 {\n  x + 1\n}\natach\nx * 5", folder: folder)
      #expect(run.code == 1)
      #expect(!run.output.contains("graft[") && !run.output.contains("\u{1B}"))
      #expect(
        run.output.hasPrefix("  x = 3\n  Out[2] = 4\n  Out[2] = 4\n  error:")
          && run.output.hasSuffix("Out[4] = 15\n"), "\(run.output)")
      #expect(try GraftProgram.piped([], input: "1\nquit\natach\n", folder: folder).code == 0)
      #expect(try GraftProgram.piped([], folder: folder) == ("", 0))
    }
  }

  @Test func progressOffATerminalIsALineForATenth() throws {
    try withFolder { folder in
      let run = try GraftProgram.piped([], input: "gpt; task +2; step 1500\n", folder: folder)
      let lines = run.output.split(separator: "\n").filter { $0.contains("/1,500") }
      #expect((1...9).contains(lines.count) && !run.output.contains("\u{1B}"), "\(run.output)")
    }
  }

  @Test func flags() throws {
    try withFolder { folder in
      func graft(_ arguments: String...) throws -> (output: String, code: Int) {
        try GraftProgram.piped(arguments, folder: folder)
      }
      #expect(try graft("--version").output.hasPrefix("graft "))
      for help in [["--help"], ["help"], ["-h"]] {
        let text = try GraftProgram.piped(help, folder: folder)
        #expect(
          text.code == 0 && text.output.contains("graft run FILE [--set k=v …] [--json]")
            && text.output.contains("--reader"))
      }
      #expect(try graft("run", "--help").output.contains("--json"))
      for wrong in [
        ["--jsn"], ["run"], ["run", "a", "b"], ["rn"], ["--width", "10"], ["--width"], ["--plain=1"],
        ["x.graft"], ["run", "a", "--plane"],
      ] {
        #expect(try GraftProgram.piped(wrong, folder: folder).code == 2, "\(wrong)")
      }
      let wide = try GraftProgram.piped(["--width", "40"], input: "?\n", folder: folder).output
      #expect(wide.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 40 })
    }
  }
}
