import FileSystem
import Options
import Testing

@testable import Data

/// Files that someone damaged: every reader answers or throws a `Failure`; nothing traps or hangs.
@Suite struct FuzzTests {
  private func damaged(_ bytes: [UInt8], _ seed: Int) -> [UInt8] {
    var bytes = bytes
    func pick(_ bound: Int, _ k: Int) -> Int { CountedChance.number(below: bound, 11, seed, k) }
    for k in 0..<1 + pick(4, 0) {
      let place = pick(max(1, bytes.count), 10 * k + 1)
      let marks = Array("\"{}[],:\\ \n\r\t0-9e.nul\u{FF}".utf8)
      switch pick(4, 10 * k + 2) {
      case 0: bytes.insert(marks[pick(marks.count, 10 * k + 3)], at: min(place, bytes.count))
      case 1: if place < bytes.count { bytes.remove(at: place) }
      case 2: if place < bytes.count { bytes[place] = UInt8(pick(256, 10 * k + 4)) }
      default: bytes.removeSubrange(place..<min(bytes.count, place + pick(40, 10 * k + 5)))
      }
    }
    return bytes
  }

  @Test func damagedTokenizersAreRefusedOrRead() throws {
    let bytes = Array(TokenizerFile.text(try .garden(260)).utf8)
    var refused = 0
    for seed in 0..<400 {
      do {
        let tokenizer = try TokenizerFile.parse(damaged(bytes, seed))
        _ = tokenizer.decode(tokenizer.encode("the old tree <|endoftext|> 12"))
      } catch {
        #expect(error is Failure)
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  @Test func deepNestingIsRefused() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 200_000)
    #expect(throws: Failure.self) { try TokenizerFile.parse(deep) }
  }

  @Test(arguments: TextTable.Format.allCases) func damagedTablesAreRefusedOrRead(_ format: TextTable.Format) {
    let sources: [TextTable.Format: String] = [
      .csv: "text,label\n\"a \"\"b\"\", c\",x\r\nd,y\n", .tsv: "text\tlabel\na\tb\r\nc\td\n",
      .jsonl: "{\"text\":\"a\",\"label\":1}\n{\"text\":\"\\u00e9\",\"label\":null}\n",
    ]
    let bytes = Array((sources[format] ?? "").utf8)
    for seed in 0..<1500 {
      do {
        let text = try UTF8Check.text(damaged(bytes, seed), of: "t")
        let table = try TextTable(text: text, format: format, name: "t")
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        #expect(table.lines.count == table.rows.count)
      } catch {
        #expect(error is Failure)
      }
    }
  }

  @Test func damagedTextsEncodeAndComeBack() throws {
    let tokenizer = try TokenizerFile.read(GoldenTokenizer.path)
    let bytes = Array(try GoldenTokenizer.read().sample.joined().utf8)
    for seed in 0..<300 {
      let text = String(decoding: damaged(bytes, seed), as: UTF8.self)
      #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
    }
  }
}
