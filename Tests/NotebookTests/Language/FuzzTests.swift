import Options
import Testing

@testable import Notebook

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers that look random and are the same in every run (SplitMix64).
private struct Dice {
  var state: UInt64
  mutating func roll(_ n: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int(truncatingIfNeeded: (z ^ (z >> 31)) >> 33) % max(1, n)
  }
}

/// Changes lines: characters and tokens are deleted, inserted, swapped, doubled, spliced.
private struct Mutator {
  static let signs = Array("()[]{}\",;=#%@?\\.:+-*/^<>! \n\tx1".utf8)
  static let tokens = [
    "..", "1e999", "99999999999999999999", " r=", "let ", "repeat 3 {", "sweep i = ", "until ", "not ",
    " and ", "==", "@m", "%7", "\"a b\"",
    "\\u{4f60}", "学习", "\u{3000}", "（", "??", "blocks.*.q[0,:]", "\\\n", " max=3", "step ", "norm(",
    "\u{1F469}\u{200D}\u{1F467}",
  ].map { Array($0.utf8) }

  let corpus = Corpus.lines.map { Array($0.utf8) }
  var dice: Dice

  mutating func line() -> [UInt8] {
    var line = corpus[dice.roll(corpus.count)]
    for _ in 0...dice.roll(3) { change(&line) }
    return line
  }

  private mutating func change(_ line: inout [UInt8]) {
    let at = dice.roll(line.count + 1)
    switch dice.roll(8) {
    case 0: if at < line.count { line.remove(at: at) }
    case 1: line.insert(Mutator.signs[dice.roll(Mutator.signs.count)], at: at)
    case 2: line.insert(contentsOf: Mutator.tokens[dice.roll(Mutator.tokens.count)], at: at)
    case 3: if at + 1 < line.count { line.swapAt(at, at + 1) }
    case 4: if at < line.count { line.insert(line[at], at: at) }
    case 5: line.replaceSubrange(at..<min(line.count, at + dice.roll(6)), with: [])
    case 6:
      let end = min(line.count, at + dice.roll(8))
      line.insert(contentsOf: Array(line[at..<end]), at: end)
    default:
      let other = corpus[dice.roll(corpus.count)]
      line = Array(line[..<at] + other[dice.roll(other.count)...])
    }
  }
}

@Suite struct FuzzTests {
  /// Nothing traps; errors point into the text; what was read prints so that it reads back; both judges of
  /// completeness agree.
  @Test func mutatedLinesAreReadOrRefused() throws {
    // More on demand: GRAFT_FUZZ=5000000 swift test --filter FuzzTests
    let lines = getenv("GRAFT_FUZZ").flatMap { Int(String(cString: $0)) } ?? 200_000
    var mutator = Mutator(dice: Dice(state: UInt64(lines)))
    var read = 0, problems: [String] = []
    for n in 0..<lines {
      let bytes = mutator.line()
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(Failure) {
        let cell = try Parser.parse(text, Corpus.words)
        read += 1
        if let problem = problem(text, cell, thorough: n % 8 == 0) { problems.append(problem) }
      } catch {
        let length = text.utf8.count
        guard let place = error.place, place.lowerBound >= 0, place.upperBound <= length,
          !place.isEmpty || length == 0,
          !error.what.isEmpty
        else {
          problems.append("\(text): \(error) at \(String(describing: error.place))")
          continue
        }
      }
      if problems.count > 5 { break }
    }
    #expect(problems == [])
    #expect(read > lines / 10, "the mutations leave too little that can be read: \(read)")
  }

  private func problem(_ text: String, _ cell: Syntax.Cell, thorough: Bool) -> String? {
    let completeness = Completeness.of(text)
    if completeness == .invalid { return "read, but called invalid: \(text)" }
    if completeness == .incomplete, Lexer(text).isContinued == false {
      return "read, but called incomplete: \(text)"
    }
    guard thorough else { return nil }
    let canonical = cell.description
    guard let again = try? Parser.parse(canonical, Corpus.words) else {
      return "\(text) → \(canonical): refused"
    }
    if again.unplaced != cell.unplaced { return "\(text) → \(canonical): another tree" }
    return nil
  }

  @Test func completionBearsEverything() {
    var mutator = Mutator(dice: Dice(state: 2))
    for _ in 0..<20_000 {
      let bytes = mutator.line()
      let text = String(decoding: bytes, as: UTF8.self)
      let cursor = mutator.dice.roll(bytes.count + 3) - 1
      let context = CompletionContext(text, cursor: cursor, words: Corpus.words)
      let end = min(max(0, cursor), text.utf8.count)
      if context.replaced.upperBound > end || context.replaced.lowerBound < 0 {
        Issue.record("\(text) at \(cursor)")
      }
      if !text.utf8.dropFirst(context.replaced.lowerBound).starts(with: context.partial.utf8) {
        Issue.record("\(text) at \(cursor)")
      }
    }
  }

  @Test func filesAndTranscriptsBearEverything() {
    var mutator = Mutator(dice: Dice(state: 3))
    for _ in 0..<1_000 {
      var text = ""
      for _ in 0..<8 {
        let mark = ["graft[3]> ", "...> ", "```graft\n", "```\n", "~~~graft {a} b=c\n", ""][
          mutator.dice.roll(6)]
        text += mark + String(decoding: mutator.line(), as: UTF8.self) + "\n"
      }
      let lines = text.utf8.count { $0 == 0x0A } + 1
      for cell in Script.cells(from: text) + MarkdownCells.cells(from: text) {
        if cell.line < 1 || cell.line > lines { Issue.record("line \(cell.line) of \(lines)") }
      }
      _ = Transcript.strip(text)
    }
  }
}

extension Lexer {
  /// Whether the text ends in a backslash that continues it.
  fileprivate var isContinued: Bool {
    (0..<end).contains { continuation(at: $0) > 0 && $0 + continuation(at: $0) == end }
  }
}
