import Events
import Testing

@testable import Notebook

/// `set`, `quit` and `run`.
@Suite struct SettingsTests {
  @Test func settingsAreShownAndChanged() {
    let pad = Notepad()
    let text = pad.run("set")
    for option in SetCommand.options { #expect(text.contains(option.name)) }
    #expect(pad.run("set digits=5").contains("digits") && pad.session.presentation.digits == 5)
    pad.run("set width=44 language=zh-Hans reader plain=yes undo-memory=3")
    #expect(pad.session.presentation.width == 44 && pad.session.fixedWidth == 44)
    #expect(
      pad.session.presentation.language == .zhHans && pad.session.presentation.reader && pad.session.isPlain)
    #expect(pad.session.timeline.budget == 3 << 20)
    pad.run("set width=0 reader=off")
    #expect(pad.session.fixedWidth == nil && !pad.session.presentation.reader)
    #expect(pad.run("set digits").contains("5"))
  }

  @Test func onlyTheSeedIsOnTheTape() {
    let pad = Notepad()
    pad.run("set digits=6", "set width=60")
    #expect(pad.session.timeline.entries.count == 1)
    let before = pad.session.hash()
    pad.run("set seed=7 digits=4")
    #expect(pad.session.seed == 7 && pad.session.timeline.entries.last?.text == "set seed=7")
    #expect(pad.session.hash() != before)
    pad.run("undo")
    #expect(pad.session.seed == 1 && pad.session.hash() == before && pad.session.presentation.digits == 4)
  }

  @Test(arguments: [
    "set width=10", "set digits=0", "set digits=18", "set threads=0", "set undo-memory=0", "set language=fr",
    "set reader=maybe", "set seed=-1", "set nothing", "set colour=no",
  ])
  func whatCannotBeIsRefused(line: String) {
    let pad = Notepad()
    #expect(!pad.session.execute(line))
    #expect(pad.session.presentation == Presentation())
  }

  @Test func quitAndExitEndTheSession() {
    for verb in ["quit", "exit"] {
      let pad = Notepad()
      pad.run(verb)
      #expect(pad.session.isOver)
    }
  }
}
