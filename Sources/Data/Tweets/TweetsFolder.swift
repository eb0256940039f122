import FileSystem
import Options

/// The prepared tweets as files, with their checksums: `DATA/tweets`.
///
/// `corpus.txt` and `held-out.txt` hold a text a line; `train.tsv`, `validation.tsv` and `held-out.tsv` a
/// text and its label, so that they open with `data tsv` like any file of a user's own.
enum TweetsFolder {
  /// Raised whenever the preparation changes, so that older files are made anew.
  static let version = 1
  static let sums = "SHA256SUMS"
  private static let tables = ["train.tsv", "validation.tsv", "held-out.tsv"]
  private static let lists = ["corpus.txt", "held-out.txt"]
  private static let disk = DiskFiles()
  private static var heading: String { "# tweets \(version), from vaderSentiment \(TweetsFetch.version)" }

  /// Writes all files into an empty folder, the checksums last.
  static func write(_ tweets: Tweets, attribution: String, to folder: String) throws {
    func table(_ rows: [LabelledText]) -> String {
      "text\tlabel\n" + rows.map { "\(line($0.text))\t\($0.label)\n" }.joined()
    }
    func list(_ texts: [String]) -> String { texts.map { line($0) + "\n" }.joined() }
    var files = ["ATTRIBUTION.txt": attribution]
    for (name, rows) in zip(tables, [tweets.train, tweets.validation, tweets.heldOut]) {
      files[name] = table(rows)
    }
    for (name, texts) in zip(lists, [tweets.corpus, tweets.heldOutTexts]) { files[name] = list(texts) }
    var report = heading + "\n"
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      let bytes = Array(text.utf8)
      try disk.write(folder + "/" + name, bytes: bytes)
      report += "\(SHA256.hex(bytes))  \(name)\n"
    }
    try disk.write(folder + "/" + sums, text: report)
  }

  /// Reads the files; throws where one is missing, changed, or of an older preparation.
  static func read(_ folder: String) throws -> Tweets {
    let cure = "Type: get tweets"
    guard try disk.exists(folder + "/" + sums) else {
      throw Failure("the tweets are not there yet.", cure: cure, details: ["looked in \(folder)"])
    }
    let report = try disk.text(of: folder + "/" + sums).split(separator: "\n").map(String.init)
    guard report.first == heading else {
      throw Failure("the tweets in \(folder) are of another version.", cure: cure)
    }
    var texts: [String: String] = [:]
    for entry in report.dropFirst() {
      let parts = entry.split(separator: " ").map(String.init)
      guard parts.count == 2, !parts[1].contains("/") else {
        throw Failure("\(folder)/\(sums) is damaged.", cure: cure)
      }
      let bytes = try disk.contents(of: folder + "/" + parts[1])
      guard SHA256.hex(bytes) == parts[0] else {
        throw Failure("\(folder)/\(parts[1]) was changed since it was prepared.", cure: cure)
      }
      texts[parts[1]] = String(decoding: bytes, as: UTF8.self)
    }
    func table(_ name: String) throws -> [LabelledText] {
      guard let text = texts[name] else {
        throw Failure("\(folder)/\(sums) does not name \(name).", cure: cure)
      }
      return DelimitedText.tabs(text).dropFirst().filter { $0.fields.count == 2 }
        .map { LabelledText($0.fields[0], label: $0.fields[1]) }
    }
    func list(_ name: String) throws -> [String] {
      guard let text = texts[name] else {
        throw Failure("\(folder)/\(sums) does not name \(name).", cure: cure)
      }
      return text.utf8.split(separator: 0x0A).map { String(Substring($0)) }
    }
    return Tweets(
      corpus: try list(lists[0]), train: try table(tables[0]), validation: try table(tables[1]),
      heldOut: try table(tables[2]), heldOutTexts: try list(lists[1]))
  }

  /// A text in one line, without tabs.
  private static func line(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
  }
}

extension Tweets {
  /// Reads the prepared tweets; throws with `get tweets` as the cure where they are not there or were
  /// changed.
  public static func read(_ places: Places) throws -> Tweets { try TweetsFolder.read(places.tweets) }
}
