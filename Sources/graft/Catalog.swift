import Options

/// All faces; the first needs no word.
enum Faces {
  /// In the order of `graft --help`.
  static var all: [Face] {
    [
      Face(
        name: "", usage: "", sentence: "opens the notebook; from a pipe, runs the cells that come",
        words: 0...0, flags: [], run: NotebookFace.run),
      Face(
        name: "run", usage: "FILE",
        sentence: "runs the cells of a .graft or Markdown file; - is standard input",
        words: 1...1,
        flags: [
          .init("set", "k=v …", "names values before the first cell; a let of that name keeps them"),
          .init("json", "", "one event a line, as JSON"),
        ], run: RunFace.run),
      Face(
        name: "check", usage: "[FOLDER [LESSON …]]",
        sentence: "checks lessons: they run, tasks fail before and pass after",
        words: 0...100, flags: [], run: CheckFace.run),
      Face(
        name: "inspect", usage: "FOLDER [FOLDER]",
        sentence: "looks into an adapter's folder, or compares two, without a base model", words: 1...2,
        flags: [
          .init("all", "", "a line for every module, where there are many"),
          .init("json", "", "one JSON document"),
        ], run: InspectFace.run),
      Face(
        name: "parity", usage: "FOLDER",
        sentence: "compares our numbers with what torch and peft wrote into a folder", words: 1...1,
        flags: [
          .init("grads", "", "a line for every gradient, with norm and cosine"),
          .init("json", "", "one JSON document"),
        ], run: ParityFace.run),
      Face(
        name: "reference", usage: "FOLDER", sentence: "writes the reference pages from the cards",
        words: 1...1, flags: [],
        run: ReferenceFace.run),
    ]
  }

  /// Flags that every face knows.
  static let common: [Face.Flag] = [
    .init("plain", "", "no colours and no moving line"),
    .init("reader", "", "for a screen reader: words instead of drawings"),
    .init("width", "N", "columns of a line, 40 to 200"),
    .init("help", "", "this"),
    .init("version", "", "the version"),
  ]

  /// The face that the first word chooses, and the words after it; throws for a word that chooses none.
  static func chosen(by words: [String]) throws -> (Face, [String]) {
    // Flags may stand before the word; only --width has a value.
    var at = 0
    while at < words.count, words[at].hasPrefix("-"), words[at] != "-" {
      at += words[at] == "--width" ? 2 : 1
    }
    guard at < words.count else { return (all[0], words) }
    let names = all.map(\.name).filter { !$0.isEmpty }
    var rest = words
    rest.remove(at: at)
    if words[at] == "help" { return (all[0], ["--help"]) }
    guard let face = all.first(where: { $0.name == words[at] && !$0.name.isEmpty }) else {
      if words[at].hasSuffix(".graft") || words[at].hasSuffix(".md") {
        throw Failure("“\(words[at])” is no subcommand.", cure: "A file is run by: graft run \(words[at])")
      }
      throw unknown("subcommand", words[at], among: names, of: "graft")
    }
    return (face, rest)
  }
}
