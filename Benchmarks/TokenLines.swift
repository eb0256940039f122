import Data
import FileSystem
import Options

/// Compares a tokenizer's ids and texts with those that Scripts/tokenizer_parity.py wrote, and times it.
///
/// A folder holds the tokenizer's files and `lines.jsonl`: `{"text": …, "ids": […], "back": …}` a line.
enum TokenLines {
  struct Row {
    var text: String
    var ids: [Int]
    var back: String?
  }

  /// Compares and times; false where a line differs.
  static func compare(_ folder: String) throws -> Bool {
    let tokenizer = try TokenizerFolder(folder).open()
    let rows = try rows(Path.join(folder, "lines.jsonl"))
    var wrong = 0, wrongBack = 0
    for row in rows {
      let ids = (try? tokenizer.encode(row.text)) ?? []
      if ids != row.ids {
        wrong += 1
        if wrong <= 10 { show(row, ids, tokenizer) }
      }
      if let back = row.back, !ExactText.same(tokenizer.decode(row.ids), back) {
        wrongBack += 1
        if wrongBack <= 5 {
          print(
            "back \(row.ids.prefix(20))\n  is  \(tokenizer.decode(row.ids).debugDescription)\n  not \(back.debugDescription)"
          )
        }
      }
    }
    var line = Line()
    line.add("bench", "tokens")
    line.add("name", tokenizer.name)
    line.add("lines", rows.count)
    line.add("wrong", wrong)
    line.add("wrong_back", wrongBack)
    try time(folder, rows, &line)
    print(line)
    return wrong == 0 && wrongBack == 0
  }

  /// The best of several rounds over all lines, each with a tokenizer that was just opened.
  private static func time(_ folder: String, _ rows: [Row], _ line: inout Line) throws {
    let bytes = rows.reduce(0) { $0 + $1.text.utf8.count }, clock = ContinuousClock()
    var best = Double.infinity, opening = Double.infinity
    for _ in 0..<3 {
      var made: (any Tokenizer)?
      opening = min(opening, (try clock.measure { made = try TokenizerFolder(folder).open() }).seconds)
      guard let tokenizer = made else { return }
      best = min(best, (clock.measure { for row in rows { _ = try? tokenizer.encode(row.text) } }).seconds)
    }
    line.add("bytes", bytes)
    line.add("open_ms", opening * 1e3)
    line.add("encode_ms", best * 1e3)
    line.add("mb_s", Double(bytes) / best / 1e6)
  }

  private static func rows(_ path: String) throws -> [Row] {
    let bytes = try DiskFiles().bytes(of: path)
    return try bytes.withBytes { raw in
      try raw.bindMemory(to: UInt8.self).split(separator: 10).enumerated().map { i, line in
        let json = try JSON.parse(UnsafeBufferPointer(rebasing: line), name: path, line: i + 1)
        return Row(
          text: json["text"]?.asString ?? "", ids: json["ids"]?.asArray?.compactMap(\.asInteger) ?? [],
          back: json["back"]?.asString)
      }
    }
  }

  private static func show(_ row: Row, _ ids: [Int], _ tokenizer: any Tokenizer) {
    let place = zip(ids, row.ids).enumerated().first { $1.0 != $1.1 }?.offset ?? min(ids.count, row.ids.count)
    func around(_ ids: [Int]) -> String {
      ids[max(0, min(place, ids.count) - 2)..<min(ids.count, place + 6)].map {
        "\($0)=\(tokenizer.token($0))"
      }
      .joined(separator: " ")
    }
    print(
      "text \(row.text.prefix(120).debugDescription) at \(place)\n  is  \(around(ids))\n  not \(around(row.ids))"
    )
  }
}

extension Duration {
  /// In seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
