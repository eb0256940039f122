import Foundation
import Testing
import TestSupport

@testable import Terminal

/// What ↑ and Ctrl-R recall, in one run and over two.
@Suite struct HistoryTests {
  static let up = "\u{1B}[A"
  static let down = "\u{1B}[B"

  @Test func upSearchesByPrefix() throws {
    let echo = try Echo()
    try echo.ask("attach lora", for: "got [attach lora]")
    try echo.ask("step 10", for: "got [step 10]")
    try echo.ask(HistoryTests.up, for: "got [step 10]")
    try echo.ask("at" + HistoryTests.up, for: "got [attach lora]")
    try echo.ask(HistoryTests.up + HistoryTests.up + HistoryTests.down, for: "got [attach lora]")
  }

  @Test func controlRSearches() throws {
    let echo = try Echo()
    try echo.ask("attach lora r=8", for: "got [attach lora r=8]")
    try echo.ask("step 10", for: "got [step 10]")
    try echo.ask("\u{12}lora", for: "got [attach lora r=8]")
  }

  @Test func cellsPersistAsWholes() throws {
    try withFolder { folder in
      let file = folder + "/state/graft/history"
      let first = try Echo(history: file)
      try first.ask("one \\n two", for: "got [one \\n two]")
      try first.pty.send("repeat 2 {\r")
      try first.pty.expect("...> ")
      try first.ask("}", for: "got [repeat 2 {\r\n}]")
      first.pty.kill()  // each cell is on disk as soon as it is entered
      let second = try Echo(history: file)
      try second.ask(HistoryTests.up, for: "got [repeat 2 {\r\n}]")
      try second.ask(HistoryTests.up + HistoryTests.up, for: "got [one \\n two]")
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test func correctedLinesAreOffered() throws {
    let echo = try Echo()
    try echo.pty.send("offer attach lora\r")
    try echo.pty.expect(Echo.prompt)
    try echo.ask(HistoryTests.up, for: "got [attach lora]")
    try echo.pty.send("type step 5\r")
    try echo.pty.expect("echo> step 5")
    try echo.ask("0", for: "got [step 50]")
  }

  @Test func aCaughtCellIsNotKept() throws {
    let echo = try Echo()
    try echo.ask("kept", for: "got [kept]")
    try echo.pty.send("thrown {\r")
    try echo.pty.expect("...> ")
    try echo.pty.sendInterrupt()
    try echo.pty.expect(Echo.prompt)
    try echo.ask(HistoryTests.up, for: "got [kept]")
  }

  @Test func aFolderInTheWayIsReportedAndNothingMore() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/history", withIntermediateDirectories: true)
      let file = HistoryFile(folder + "/history")
      #expect(try file.load() == [])
      #expect(throws: HistoryFile.Problem.self) { try file.append("x") }
      let echo = try Echo(history: folder + "/history")
      try echo.ask("works", for: "got [works]")
      try echo.ask(HistoryTests.up, for: "got [works]")
    }
  }

  @Test(arguments: ["plain", "two\nlines", "back\\slash \\n", "\\", "\r\n", "数据\n\\\\n"])
  func entriesSurviveTheirEncoding(entry: String) {
    let line = HistoryFile.encoded(entry)
    #expect(!line.utf8.contains(10))
    #expect(HistoryFile.decoded(line) == entry)
  }

  @Test func theFileIsCappedAndMended() throws {
    try withFolder { folder in
      let path = folder + "/history"
      let lines = (0..<1_500).map { "entry \($0)" }.joined(separator: "\n")  // and no newline at its end
      try lines.write(toFile: path, atomically: true, encoding: .utf8)
      let link = folder + "/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      let file = HistoryFile(link)
      let entries = try file.load()
      #expect(entries.count == 1_000)
      #expect(entries.first == "entry 500")
      try file.append("next")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.hasPrefix("entry 500\n") && text.hasSuffix("entry 1499\nnext\n"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["history", "link"])
    }
  }

  @Test func hugeEntriesAndRubbishAreLeftOut() throws {
    #expect(HistoryFile.holds(String(repeating: "x", count: 65_536)))
    #expect(!HistoryFile.holds(String(repeating: "x", count: 65_537)))
    #expect(!HistoryFile.holds("a\0b") && !HistoryFile.holds(""))
    try withFolder { folder in
      let path = folder + "/history"
      try Data([0xFF, 0xFE, 10, 0, 10, 10, 97, 10]).write(to: URL(fileURLWithPath: path))
      #expect(try HistoryFile(path).load() == ["\u{FFFD}\u{FFFD}", "a"])
    }
  }
}
