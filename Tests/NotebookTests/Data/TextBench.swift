import Engine
import FileSystem
import Formats
import Networks
import Options
import TestSupport
import Testing

@testable import Data
@testable import Notebook

/// A session with a small GPT over byte pairs, and files in memory.
enum TextBench {
  static let words = [
    "good", "fine", "happy", "bad", "sad", "awful", "day", "food", "song", "was", "the", "a", "very",
  ]

  /// Byte pairs of made-up sentences.
  static let tokenizer: BytePairTokenizer = {
    let texts = (0..<200).map { "Tweet: \(sentence($0).text) Label: \(sentence($0).label)" }
    do { return try BytePairTrainer(vocabularySize: 320).train(texts) } catch { fatalError("\(error)") }
  }()

  /// A sentence that says good or bad of something.
  static func sentence(_ i: Int) -> LabelledText {
    let isGood = (i * 7) % 3 != 0
    let words = isGood ? ["good", "fine", "happy"] : ["bad", "sad", "awful"]
    let things = ["day", "food", "song", "trip", "book"]
    return LabelledText(
      "the \(things[i % 5]) was \(i % 2 == 0 ? "very " : "")\(words[(i / 5) % 3])",
      label: isGood ? "positive" : "negative")
  }

  /// A table of sentences.
  static func table(_ count: Int, separator: String = ",", from first: Int = 0) -> String {
    "text\(separator)label\n"
      + (first..<first + count).map { "\(sentence($0).text)\(separator)\(sentence($0).label)\n" }.joined()
  }

  /// A session with the files given, and the model m, opened from the folder `words`.
  static func bench(_ files: [String: String] = [:], context: Int = 48, places: Places? = nil) throws
    -> TimeBench
  {
    let memory = MemoryFiles()
    for (name, text) in files { try memory.write(name, text: text) }
    try write("words", memory, context: context)
    return try TimeBench(files: memory, places: places, "let m = open words")
  }

  /// Writes a fresh model over byte pairs as a folder.
  static func write(_ folder: String, _ files: any Files, context: Int = 48) throws {
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (
      tokenizer.vocabularySize, context, 16, 2, 1
    )
    let model = try GPT.model(form, chance: Chance(seed: 3))
    try BaseFolder.write(model, tokenizer: tokenizer, to: folder, files: files)
  }

  /// Writes a fresh encoder over the same byte pairs as a folder.
  static func writeEncoder(_ folder: String, _ files: any Files, context: Int = 96) throws {
    var form = BERT.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (
      tokenizer.vocabularySize, context, 16, 2, 1
    )
    try BaseFolder.write(
      BERT.model(form, chance: Chance(seed: 3)), tokenizer: tokenizer, to: folder, files: files)
  }

  /// Prepared tweets, made up, in a data folder of their own, which goes away afterwards.
  static func withTweets(_ body: (Places) throws -> Void) throws {
    try withScratch { folder in
      let places = Places(data: folder, state: folder + "/state")
      func rows(_ range: Range<Int>) -> [LabelledText] { range.map { sentence($0) } }
      let tweets = Tweets(
        corpus: rows(0..<60).map(\.text), train: rows(0..<60), validation: rows(60..<72),
        heldOut: rows(72..<100), heldOutTexts: rows(72..<100).map(\.text))
      try DiskFiles().makeFolders(places.tweets)
      try TweetsFolder.write(tweets, attribution: "made up", to: places.tweets)
      try body(places)
    }
  }
}
