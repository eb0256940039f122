import Events
import FileSystem
import Formats
import Testing

@testable import Notebook

/// Files of cells, within a session and before one.
@Suite struct BatchFileTests {
  private static func pad(_ files: [String: String]) throws -> Notepad {
    let memory = MemoryFiles()
    for (path, text) in files { try memory.write(path, text: text) }
    return Notepad(files: memory)
  }

  @Test func cellsRunAsFurtherCells() throws {
    let pad = try Self.pad([
      "a.graft":
        "# a model\ngpt layers=1 dim=8 heads=2 ctx=16\n\ntask +2 \\\n  rows=2\nlet x = 2; let y = x + 1\n"
    ])
    pad.run("run a.graft")
    #expect(pad.session.cell == 4 && pad.errors().isEmpty)
    #expect(pad.session.timeline.entries.map(\.text).dropFirst().count == 4)
    pad.run("undo")  // the last cell of the file, not the file
    #expect(pad.session.boundNames == [] && pad.session.currentSubject?.source != nil)
    #expect(pad.run("run a.graft; y").contains("= 3"))
  }

  @Test func markdownCellsRun() throws {
    let pad = try Self.pad(["a.md": "# Notes\n\n```graft\nlet x = 5\n```\n\n```swift\nlet x = 6\n```\n"])
    #expect(pad.run("run a.md; x").contains("= 5"))
  }

  @Test func errorsNameFileAndLine() throws {
    let pad = try Self.pad([
      "bad.graft": "let x = 1\n\nrepeat 1 {\n  atach lora\n}\nlet y = 2\n", "outer.graft": "run bad.graft\n",
      "verb.graft": "let x = 1\natt lora\n",
    ])
    let text = pad.run("run bad.graft")
    #expect(
      text.contains("error: bad.graft:4: no command “atach”.")
        && text.contains("\n      atach lora\n      ^~~~~\n"), "\(text)")
    #expect(pad.session.boundNames == ["x"])
    #expect(pad.session.suggestion == nil)  // it would correct the wrong line
    #expect(pad.run("run outer.graft").contains("run from outer.graft:1"))
    #expect(pad.run("run verb.graft").contains("verb.graft:2: no command “att”."))  // full verbs in files
  }

  @Test func filesThatAreNone() throws {
    let pad = try Self.pad([
      "empty.graft": "# nothing\n", "self.graft": "run self.graft\n", "notes.txt": "step",
    ])
    #expect(pad.run("run notes.txd").contains("Did you mean “notes.txt”?"))
    #expect(pad.run("run empty.graft").contains("has no cells"))
    #expect(pad.run("run self.graft").contains("more than 8 deep"))
  }

  @Test func whatIsGivenStays() throws {
    let pad = try Self.pad(["a.graft": "let r = 4\nlet s = 5\nr + s\nlet words = \"b\"\nwords\n"])
    try pad.session.give("r=16")
    try pad.session.give("words=\"two words\"")
    try pad.session.give("list=1,2,3")
    #expect(pad.session.cell == 0)
    let text = pad.run("run a.graft")
    #expect(
      text.contains("r stays as it was given: 16") && text.contains("= 21") && text.contains("two words"),
      "\(text)")
    #expect(pad.run("sum(list)").contains("= 6"))
    #expect(pad.run("let r = gpt").contains("was given as a value"))
    for wrong in ["r", "=3", "3=4", "r=", "r=8 s=9", "r={", "step=3"] {
      #expect(throws: (any Error).self, "\(wrong)") { try pad.session.give(wrong) }
    }
  }

  @Test func anInterruptedCellSaysSo() {
    let pad = Notepad.tiny()
    pad.session.afterCell.append { _ in }
    let observer = pad.session.observer
    pad.session.observer = { [session = pad.session] event in
      observer(event)
      session.interrupt.raise()
    }
    let text = pad.run("let a = 1; let b = 2; let c = 3")
    #expect(text.contains("the rest of the cell did not run") && pad.session.boundNames == ["a"])
    pad.session.observer = observer
    #expect(!pad.run("let d = 4").contains("did not run"))
  }
}
