import Events
import Foundation
import Notebook
import Options
import Testing

/// The README's session is run as it stands there: lines must run (or fail, where an error is shown), and what is
/// printed under them must come, word for word but for numbers, which other processors may round otherwise.
@Test func theSessionOfTheReadmeRuns() throws {
  let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md")
  let text = try String(contentsOf: path, encoding: .utf8)
  let fence = try #require(text.range(of: "```session\n"))
  let end = try #require(text.range(of: "\n```", range: fence.upperBound..<text.endIndex))
  var shown: [String] = []
  let session = Session { event in shown += event.lines(Presentation()).map(\.plain) }
  var cells = 0
  for line in text[fence.upperBound..<end.lowerBound].split(separator: "\n") {
    if line.hasPrefix("graft["), let prompt = line.range(of: "> ") {
      cells += 1
      #expect(line.hasPrefix("graft[\(cells)]"), "the README's cell \(cells) has another number")
      shown = []
      session.execute(String(line[prompt.upperBound...]))
    } else {
      #expect(
        shown.map(masked).contains(masked(String(line))), "the README shows “\(line)”, the program \(shown)")
    }
  }
  #expect(cells > 10)
  #expect(try session.value(of: "rank(delta(blocks.1.attn.v))").asNumber == 4)
  #expect(session.suggestion == "attach prompt")
}

/// A line with its fractions masked.
private func masked(_ line: String) -> String { line.replacing(/[0-9]+\.[0-9]+/, with: "#") }
