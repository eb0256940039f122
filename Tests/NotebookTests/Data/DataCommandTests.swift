import Data
import Engine
import Formats
import Networks
import Options
import Testing
import Training

@testable import Notebook

/// `data`: tables and running text as tasks, and what is said about files that are not right.
@Suite struct DataCommandTests {
  @Test(arguments: ["csv", "tsv", "jsonl"]) func tablesOfAllForms(format: String) throws {
    let text: String
    switch format {
    case "csv": text = TextBench.table(100)
    case "tsv": text = TextBench.table(100, separator: "\t")
    default:
      text = (0..<100).map { i in
        let row = TextBench.sentence(i)
        return "{\"text\": \"\(row.text)\", \"label\": \"\(row.label)\"}\n"
      }.joined()
    }
    let bench = try TextBench.bench(["rows.\(format)": text])
    let shown = try bench.run("data \(format) rows.\(format) seed=3")
    #expect(shown.contains("always saying “"))
    #expect(shown.contains("␣positive") || shown.contains("␣negative"))
    let subject = try bench.session.current()
    let source = try #require(subject.source as? LabelledBatches)
    #expect(
      source.texts(.train).count == 80 && source.texts(.validation).count == 10
        && source.texts(.heldout).count == 10)
    #expect(
      subject.task?.labels.sorted() == ["negative", "positive"]
        && subject.task?.template == "Tweet: {text} Label: {label}")
    // Rows end together, and only the label and the end of text carry loss.
    let batch = try source.batch(0)
    for (labels, keep) in zip(batch.labels, batch.keep) {
      #expect(labels.filter { $0 != -100 }.count >= 2 && labels.last != -100 && keep.last == 1)
      #expect(TextBench.tokenizer.decode(labels.filter { $0 != -100 }).hasPrefix(" "))
    }
    // The split is a function of the seed.
    let again = try TextBench.bench(["rows.\(format)": text])
    try again.run("data \(format) rows.\(format) seed=3")
    #expect(try again.session.current().source?.identity == source.identity)
    try again.run("data \(format) rows.\(format) seed=4")
    #expect(try again.session.current().source?.identity != source.identity)
  }

  @Test func optionsAndUndo() throws {
    let bench = try TextBench.bench([
      "mails.csv": "body,kind\n" + (0..<30).map { "hello \($0),\(["a", "b", "c"][$0 % 3])\n" }.joined()
    ])
    try bench.run("attach lora r=2")
    let before = bench.hash
    try bench.run(
      "data csv mails.csv text=body label=kind template=\"Mail: {text} Kind: {label}\" split=60,20,20 rows=4 ctx=32"
    )
    let subject = try bench.session.current(), source = try #require(subject.source as? LabelledBatches)
    #expect(source.texts(.train).count == 18 && source.rows == 4 && source.task.context == 32)
    #expect(Set(source.task.labels.words) == ["a", "b", "c"])
    let set = bench.hash
    #expect(set != before)
    try bench.run("step 3")
    try bench.run("step -3")
    #expect(bench.hash == set)
    try bench.run("undo 3")
    #expect(bench.hash == before && subject.source == nil)
    try bench.run("redo 3")
    #expect(bench.hash == set)
  }

  @Test func longTextsLoseTheirEndAndNeverTheLabel() throws {
    let long = (0..<30).map { _ in "the food was very good" }.joined(separator: " ")
    let bench = try TextBench.bench(["rows.csv": TextBench.table(40) + "\(long),negative\n"])
    let shown = try bench.run("data csv rows.csv split=98,1,1")
    #expect(shown.contains("1 of 41 texts lose their end"))
    let source = try #require(bench.session.current().source as? LabelledBatches)
    #expect(source.task.context == 48 - 12)
    for step in 0..<6 {
      let batch = try source.batch(step)
      #expect(batch.columns <= 36)
      for row in batch.labels { #expect(row.last == TextBench.tokenizer.endOfText) }
    }
  }

  @Test func theTutorialsFaultIsSeen() throws {
    let long = (0..<30).map { _ in "the food was very good" }.joined(separator: " ")
    let bench = try TextBench.bench(["rows.csv": "text,label\n\(long),negative\nfine,positive\n"])
    let shown = try bench.run("data csv rows.csv split=100,0,0 like=tutorial rows=2")
    #expect(shown.contains("1 of 2 rows are too long and lose their label"))
    let source = try #require(bench.session.current().source as? LabelledBatches)
    let batch = try source.batch(0)
    let lost = try #require(
      batch.ids.indices.first { batch.choices[$0] == source.task.labels.words.firstIndex(of: "negative") })
    let end = zip(batch.ids[lost], batch.labels[lost]).filter { $1 != -100 }
    #expect(!end.isEmpty && end.allSatisfy { $0 != $1 })
    // The columns of show batch: number, token, id, real, label, …
    let columns = try bench.run("show batch row=\(lost)").split(separator: "\n")
      .filter { $0.contains("● yes") }.map { $0.split(separator: " ") }
    #expect(columns.count == end.count && columns.allSatisfy { $0[1] != $0[4] })
    let one = try bench.run("show data 0")
    #expect(one.contains("label") && (one.contains("negative") || one.contains("positive")))
    #expect(try bench.failure("show data 2").what.contains("0 to 1"))
  }

  @Test func badInputIsNamed() throws {
    let bench = try TextBench.bench([
      "rows.csv": TextBench.table(40), "empty.csv": "", "head.csv": "text,label\n",
      "one.csv": "text,label\na,x\nb,x\n",
      "hole.csv": "text,label\na,x\n,y\n", "few.csv": "text,label\na,x\nb,y\n", "blank.txt": " \n\n",
      "raw.csv": "a,b\n1\n",
    ])
    try bench.session.surroundings.files.makeFolder("folder")
    let hash = bench.hash
    let cases = [
      ("data csv rows.csv text=txt", "no column “txt”", "Did you mean “text”?"),
      ("data csv rows.csv label=lable", "no column “lable”", "Did you mean “label”?"),
      ("data csv empty.csv", "empty.csv is empty", ""),
      ("data csv head.csv", "head.csv has no rows", ""),
      ("data csv one.csv", "there is 1 distinct label", "label="),
      ("data csv hole.csv", "line 3: text is empty", ""),
      ("data csv raw.csv text=a label=b", "line 2 has 1 fields", ""),
      ("data csv folder", "folder", ""),
      ("data csv rowss.csv", "there is no “rowss.csv”", "Did you mean “rows.csv”?"),
      ("data rows.csv", "needs the kind of file first", "data csv rows.csv"),
      ("data tweet", "no kind of data “tweet”", "Did you mean “tweets”?"),
      ("data csv", "needs a file", ""),
      ("data csv rows.csv split=50,50", "three shares", "split=80,10,10"),
      ("data csv rows.csv split=90,20,-10", "three shares", ""),
      ("data csv rows.csv template=\"{text}\"", "must hold {text} once", ""),
      ("data csv rows.csv ctx=4", "cannot hold template and longest label", ""),
      ("data csv rows.csv ctx=99", "do not fit m's context of 48", "ctx=48"),
      ("data text blank.txt", "holds no text", ""),
      ("data tweets", "the tweets are not there yet", "get tweets"),
      ("data tweets more", "takes no file", ""),
    ]
    for (line, what, cure) in cases {
      let failure = try bench.failure(line)
      #expect(failure.what.contains(what), "\(line): \(failure)")
      #expect(cure.isEmpty || failure.cure.contains(cure), "\(line): \(failure)")
      #expect(bench.hash == hash, "\(line)")
    }
    try bench.run("let a = gpt layers=1 dim=8 heads=2 ctx=40")
    #expect(try bench.failure("data csv rows.csv").what.contains("reads letters a–z"))
    #expect(try bench.failure("data text rows.csv").what.contains("not running text"))
  }

  @Test func memoryIsToldBefore() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(40)])
    var poor = bench.session.surroundings
    poor.memory = 1 << 20
    let session = Session(surroundings: poor) { _ in }
    let other = try TimeBench(session)
    other.session.bind(try bench.session.current())
    #expect(
      try other.failure("data csv rows.csv rows=4096").what.contains(
        "a step on 4,096 rows of 36 tokens needs"))
    // What blocks do not keep, a step does not need.
    let wide = try TimeBench("let w = gpt layers=24 dim=8 heads=2 ctx=40")
    var small = wide.session.surroundings
    small.memory = 16 << 20
    let tight = try TimeBench(Session(surroundings: small) { _ in })
    tight.session.bind(try wide.session.current())
    let failure = try tight.failure("task +2 rows=200 length=16")
    #expect(failure.what.contains("a step on 200 rows") && failure.cure.contains("checkpointing=yes"))
    try tight.run("optimizer checkpointing=yes")
    try tight.run("task +2 rows=200 length=16")
    #expect(try other.failure("gpt dim=1024 heads=2").what.contains("this machine has 1.0 MB"))
    #expect(try other.failure("attach lora r=4000").what.contains("lora of"))
    #expect(try other.failure("gpt layers=1000 dim=65536 heads=2 inner=99999999999").what.contains("inner"))
  }

  @Test(arguments: ["line", "paragraph", "file"]) func runningText(by: String) throws {
    let text = (0..<60).map { TextBench.sentence($0).text + ($0 % 3 == 2 ? "\n\n" : "\n") }.joined()
    let bench = try TextBench.bench(["book.txt": text])
    let shown = try bench.run("data text book.txt by=\(by) rows=4 ctx=24 split=75,0,25")
    #expect(shown.contains("windows of 24 tokens, 4 a batch"))
    let source = try #require(bench.session.current().source as? CorpusBatches)
    let share = Double(source.heldOut.bytes) / Double(source.training.bytes + source.heldOut.bytes)
    #expect(abs(share - 0.25) < 0.08, "\(share)")
    #expect(source.training.texts == (by == "line" ? 45 : by == "paragraph" ? 15 : 1))
    try bench.run("attach full")
    let before = try bench.run("eval")
    #expect(before.contains("bits per byte"))
    // By hand: nats of all held-out tokens over ln 2 and bytes.
    let model = try bench.session.current().model
    var nats = 0.0
    for i in 0..<source.heldOut.count {
      let batch = try Batch([source.heldOut[i]], pad: 0)
      nats += Double(try LanguageLoss(model, batch, Pass()).each.reduce(0, +))
    }
    let evaluation = try #require(try bench.session.current().lastEvaluation)
    #expect(
      abs(source.bitsPerByte(evaluation) - Statistics.bitsPerByte(nats: nats, bytes: source.heldOut.bytes))
        < 1e-3)
    try bench.run("step 20")
    #expect(try bench.run("eval").contains("(was"))
  }
}
