import Data
import FileSystem
import Options
import Testing

@testable import Notebook
@testable import Training

/// A class of each token: words with tags, from the file to the names that are found.
@Suite struct TaggingTests {
  private static let people = ["Anna", "Ben", "Carla", "Dora"], places = ["Paris", "Rome", "Lima", "Oslo"]

  /// Made-up sentences: who went where.
  static func conll(_ count: Int) -> String {
    "-DOCSTART- -X- O\n\n"
      + (0..<count).map { i in
        let name = people[i % 4], other = people[(i / 4) % 4], place = places[(i / 2) % 4]
        return "\(name) NNP B-PER\n\(other) NNP I-PER\nwent VBD O\nto TO O\n\(place) NNP B-LOC\n"
      }.joined(separator: "\n")
  }

  private func bench() throws -> TimeBench {
    let memory = try FileMemory([
      "names.conll": Self.conll(60), "one.conll": "Paris B-LOC\n\nalone\n", "empty.conll": "\n\n",
    ])
    try TextBench.write("words", memory.files)
    try TextBench.writeEncoder("trunk", memory.files)
    return try TimeBench(
      files: memory.files, "let w = open words", "let m = open trunk each=token classes=4")
  }

  @Test func columnsAreRead() throws {
    let found = try TaggedText.read(Self.conll(2), name: "x")
    #expect(found.count == 2 && found[0].words == ["Anna", "Anna", "went", "to", "Paris"])
    #expect(found[0].tags == ["B-PER", "I-PER", "O", "O", "B-LOC"])
    #expect(try TaggedText.labels(found).words == ["O", "B-LOC", "B-PER", "I-PER"])
  }

  @Test func theFirstTokenOfAWordCarriesItsTag() throws {
    let sentence = TaggedText(words: ["good", "Xyzzy", "day"], tags: ["O", "B-PER", "O"])
    let tokenizer = TextBench.tokenizer, labels = try LabelSet(["O", "B-PER"])
    let task = try TaggingTask(labels: labels, tokenizer: tokenizer, context: 48)
    let row = try #require(try task.example(sentence))
    let pieces = [tokenizer.encode("good"), tokenizer.encode(" Xyzzy"), tokenizer.encode(" day")]
    #expect(pieces[1].count > 1 && row.ids == pieces.flatMap { $0 } && row.counted == 3)
    #expect(row.tags?[pieces[0].count] == 1 && row.tags?[pieces[0].count + 1] == Example.ignored)
    // What does not fit is left out, word by word.
    let short = try TaggingTask(
      labels: labels, tokenizer: tokenizer, context: pieces[0].count + pieces[1].count
    ).example(sentence)
    #expect(short?.counted == 2)
  }

  @Test func namesAreCountedWhole() {
    var scores = SpanScores()
    scores.add(wanted: ["B-PER", "I-PER", "O", "B-LOC"], said: ["B-PER", "O", "O", "B-LOC"])
    #expect((scores.wanted, scores.said, scores.right) == (2, 2, 1) && scores.f1 == 0.5)
    // I- after another kind, or after nothing, begins a name too.
    #expect(SpanScores.spans(["I-PER", "I-LOC", "B-LOC", "I-LOC", "O"]).count == 3)
    #expect(SpanScores.spans(["O", "B-PER", "I-PER"]) == [.init(kind: "PER", first: 1, last: 2)])
  }

  @Test func aModelLearnsThem() throws {
    let bench = try bench()
    let shown = try bench.run("data tags names.conll rows=8")
    #expect(shown.contains("54 sentences to learn from, 6 held out") && shown.contains("B-PER"))
    #expect(try bench.run("show batch").contains("B-LOC"))
    try bench.run("attach lora r=4")
    try bench.run("lr 0.02")
    try bench.run("step 150")
    let evaluated = try bench.run("eval")
    let found = try #require(bench.session.current().lastEvaluation)
    #expect(found.accuracy > 0.95 && found.spans?.f1 ?? 0 > 0.9 && found.classification?.truth.count == 30)
    #expect(evaluated.contains("names: F1") && evaluated.contains("words"))
    let top = try bench.run("top \"Anna Ben went to Rome\"").split(separator: "\n").dropFirst()
    let tokens = try bench.session.current().tokens("Anna Ben went to Rome").count
    #expect(top.count == tokens && top.contains { $0.contains("B-LOC") })
    let hash = bench.hash
    try bench.run("undo")
    try bench.run("redo")
    #expect(bench.hash == hash)
  }

  /// The same words with other tags, or texts with other labels, are other data: the tape and files tell them apart.
  @Test func otherTagsAreOtherData() throws {
    let bench = try bench(), files = bench.session.surroundings.files
    try files.makeFolders("a")
    try files.makeFolders("b")
    try files.write("a/names.conll", text: Self.conll(60))
    try files.write("b/names.conll", text: Self.conll(60).replacing("I-PER", with: "B-PER"))
    func identity(_ line: String) throws -> String {
      try bench.run(line)
      return try #require(bench.session.current().source?.identity)
    }
    #expect(try identity("data tags a/names.conll") != identity("data tags b/names.conll"))
    #expect(try identity("data tags a/names.conll") == identity("data tags a/names.conll"))
    try bench.run("data tags b/names.conll")
    try bench.run("step 3")
    let hash = bench.hash
    try bench.run("save work")
    try bench.run("load work")
    #expect(bench.hash == hash)
    try bench.run("let c = open trunk classes=2")
    for (folder, labels) in [("a", ["x", "y"]), ("b", ["y", "x"])] {
      let rows = (0..<20).map { "the day \($0),\(labels[$0 % 2])\n" }.joined()
      try files.write("\(folder)/rows.csv", text: "text,label\n" + rows)
    }
    #expect(try identity("data csv a/rows.csv") != identity("data csv b/rows.csv"))
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let bench = try bench()
    #expect(try bench.failure("data tags one.conll").what.contains("line 3: “alone” has no tag"))
    #expect(try bench.failure("data tags empty.conll").what.contains("no tagged words"))
    #expect(try bench.failure("task +1,+2").what.contains("answers each token"))
    try bench.run("use w")
    #expect(try bench.failure("data tags names.conll").cure.contains("each=token"))
    try bench.run("let n = open trunk each=token classes=2")
    #expect(try bench.failure("data tags names.conll").cure.contains("classes=4"))
    #expect(try bench.failure("open words each=token").cure.contains("open a BERT"))
  }
}
