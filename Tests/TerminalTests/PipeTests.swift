import Foundation
import Testing
import TestSupport

@testable import Terminal

/// Input that nobody types.
@Suite struct PipeTests {
  @Test func aPipeGetsNoPromptsAndNoEcho() throws {
    let script = "one\r\nrepeat {\n\n}\nwidth\nlast without newline"
    let run = try runPiped(
      builtProduct(named: "EchoTerminal"), environment: ["TERM": "xterm", "COLUMNS": "123"],
      input: Array(script.utf8))
    #expect(run.output == "got [one]\ngot [repeat {\n\n}]\nwidth 123\ngot [last without newline]\nbye\n")
    #expect(run.code == 0)
  }

  @Test func anOpenBlockAtTheEndIsHandedOver() throws {
    let run = try runPiped(builtProduct(named: "EchoTerminal"), input: Array("open {\n".utf8))
    #expect(run.output == "got [open {]\nbye\n")
  }

  /// Lines that a pipe gives for some bytes.
  func lines(_ bytes: [UInt8]) throws -> [String] {
    try withFolder { folder in
      let path = folder + "/input"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let descriptor = open(path, O_RDONLY)
      defer { close(descriptor) }
      let source = PipeSource(descriptor: descriptor)
      var lines: [String] = []
      while case .line(let line) = source.read(prompt: "never shown") { lines.append(line) }
      return lines
    }
  }

  @Test func everyKindOfLineIsRead() throws {
    #expect(try lines([]) == [])
    #expect(try lines(Array("\n\na\r\n\r\nb\rc".utf8)) == ["", "", "a", "", "b\rc"])
    #expect(
      try lines([0xEF, 0xBB, 0xBF, 97, 10, 0xFF, 98, 10, 0xE4, 0xBD]) == ["a", "\u{FFFD}b", "\u{FFFD}"])
  }

  @Test func linesOfAnyLengthAreRead() throws {
    let long = String(repeating: "数据", count: 100_000)
    #expect(try lines(Array((long + "\nshort\n" + long).utf8)) == [long, "short", long])
  }
}
