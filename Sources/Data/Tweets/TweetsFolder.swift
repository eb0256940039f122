import FileSystem
import Options

/// The prepared tweets as files: `DATA/tweets`.
///
/// `corpus.txt` and `held-out.txt` hold a text a line; `train.tsv`, `validation.tsv` and `held-out.tsv` a
/// text and its label, `pairs.tsv` and `held-out-pairs.tsv` two texts and how far people agree, so that they open with `data tsv` like any file of a user's own.
enum TweetsFolder {
  private static let tables = ["train.tsv", "validation.tsv", "held-out.tsv"]
  private static let lists = ["corpus.txt", "held-out.txt"]
  private static let pairs = ["pairs.tsv", "held-out-pairs.tsv"]

  static func kept(_ folder: String) -> KeptFolder {
    KeptFolder(
      path: folder, name: "tweets", subject: "tweets",
      heading: "# tweets 2, from vaderSentiment \(TweetsFetch.version)")
  }

  /// Writes all files into an empty folder.
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
    for (name, rows) in zip(pairs, [tweets.pairs.training, tweets.pairs.heldOut]) {
      files[name] =
        "chosen\trejected\tagreement\tmargin\n"
        + rows.map {
          "\(line($0.chosen))\t\(line($0.rejected))\t\($0.preference.agreement)\t\($0.preference.margin)\n"
        }.joined()
    }
    try kept(folder).write(files.mapValues { Array($0.utf8) })
  }

  /// Reads the files.
  static func read(_ folder: String) throws -> Tweets {
    let kept = kept(folder), files = try kept.read()
    func text(_ name: String) throws -> String { String(decoding: try kept.file(name, files), as: UTF8.self) }
    func table(_ name: String) throws -> [LabelledText] {
      try DelimitedText.tabs(text(name)).dropFirst().filter { $0.fields.count == 2 }
        .map { LabelledText($0.fields[0], label: $0.fields[1]) }
    }
    func list(_ name: String) throws -> [String] {
      try text(name).utf8.split(separator: 0x0A).map { String(Substring($0)) }
    }
    func preferences(_ name: String) throws -> [PreferencePair] {
      try DelimitedText.tabs(text(name)).dropFirst().compactMap { row in
        guard row.fields.count == 4, let agreement = Double(row.fields[2]), let margin = Double(row.fields[3])
        else { return nil }
        return PreferencePair(
          prompt: "", chosen: row.fields[0], rejected: row.fields[1],
          Preference(agreement: agreement, margin: margin))
      }
    }
    return Tweets(
      corpus: try list(lists[0]), train: try table(tables[0]), validation: try table(tables[1]),
      heldOut: try table(tables[2]), heldOutTexts: try list(lists[1]),
      pairs: TweetPairs(training: try preferences(pairs[0]), heldOut: try preferences(pairs[1])))
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
