import Testing

@testable import Notebook

@Suite struct SourceTests {
  @Test func aTranscriptLosesPromptsAndOutput() {
    let screen = """
      graft[4]> attach lora r=4
        4 sites   A 48×4
      graft[16] lora/5 ·21> step 3; \\
      ...>   eval
        loss 0.1
      graft> undo
      graft[17]* lora/5>
      predict> b
      graft[18]> gen "a > b"
      """
    #expect(Transcript.strip(screen) == "attach lora r=4\nstep 3; \\\n  eval\nundo\n\ngen \"a > b\"")
    #expect(Transcript.strip("graft[4]> step\r\n  loss\r\n") == "step\n")
    #expect(Transcript.strip("  graft[4]> step") == "step")
  }

  @Test(arguments: [
    "step\neval", "", "graft", "graft[x]> y", "graft[4] is here", "grafts> x", "graft run x.graft > log",
    "graft[4]>step", "x graft[4]> y", "graft[4",
  ])
  func otherTextIsLeftAlone(_ text: String) {
    #expect(Transcript.strip(text) == text)
  }

  @Test func aScriptFallsIntoCells() {
    let file =
      "\u{FEFF}# a file\n\nstep 3 # three\r\nrepeat 2 {\n  step\n\n  eval\n}\n"
      + "attach lora \\\n  r=8\n   # no cell\nf(1,\n"
    #expect(
      Script.cells(from: file) == [
        SourceCell(text: "step 3 # three", line: 3),
        SourceCell(text: "repeat 2 {\n  step\n\n  eval\n}", line: 4),
        SourceCell(text: "attach lora \\\n  r=8", line: 9), SourceCell(text: "f(1,\n", line: 12),
      ])
    #expect(Script.cells(from: "") == [])
    #expect(Script.cells(from: "gen \"a\nstep").map(\.text) == ["gen \"a", "step"])
  }

  @Test func aPlaceInACellIsAPlaceInItsFile() {
    let cell = SourceCell(text: "repeat 2 {\n  stp 3\n}", line: 4)
    #expect(cell.position(of: 13) == (5, 2))
    #expect(cell.position(of: 0) == (4, 0))
    #expect(cell.position(of: 999) == (6, 1))
  }

  @Test func markdownGivesItsFences() {
    let page = """
      # Title
      ```graft
      step 3
      eval
      ```
      text `graft`
      ```graft {fade} id=lora/2
      attach ____
      ```
      ```swift
      ```graft
      no cell
      ```
      ````markdown
      ```graft
      no cell either
      ```
      ````
      ~~~ graft{fade}
      undo
      ```
      ~~~
        ```graft
        redo
          step
        ```
      ```{predict} id=lora/2
      x
      ```
      ```grafted
      ```
      ```graft
      ```
      ```graft
      last
      """
    let cells = MarkdownCells.cells(from: page)
    #expect(
      cells == [
        SourceCell(text: "step 3\neval", line: 3),
        SourceCell(text: "attach ____", line: 8, attributes: ["fade": "", "id": "lora/2"]),
        SourceCell(text: "undo\n```", line: 20, attributes: ["fade": ""]),
        SourceCell(text: "redo\n  step", line: 24),
        SourceCell(text: "", line: 33), SourceCell(text: "last", line: 35),
      ])
    #expect(MarkdownCells.cells(from: "```graft\r\nstep\r\n```\r\n").map(\.text) == ["step"])
  }
}
