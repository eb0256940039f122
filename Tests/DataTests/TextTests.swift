import FileSystem
import Options
import Testing

@testable import Data

@Suite struct TextTests {
  @Test func commasFollowTheirStandard() throws {
    let text = "text,label\r\n\"like, this\",a\r\n\"two\nlines \"\"quoted\"\"\",b\r\n\r\nplain,c"
    let table = try TextTable(text: text, format: .csv, name: "t.csv")
    #expect(table.columns == ["text", "label"])
    #expect(table.rows == [["like, this", "a"], ["two\nlines \"quoted\"", "b"], ["plain", "c"]])
    #expect(table.lines == [2, 3, 6])
    #expect(try table.column("label") == ["a", "b", "c"])
  }

  @Test func tabsHaveNoQuotes() throws {
    let table = try TextTable(text: "text\tlabel\r\nsay \"hi\", you\tx\n", format: .tsv, name: "t.tsv")
    #expect(table.rows == [["say \"hi\", you", "x"]])
  }

  @Test func objectsMayLackKeys() throws {
    let text = "{\"text\":\"a\\nb\",\"label\":1}\n\n{\"label\":true,\"other\":null}\n"
    let table = try TextTable(text: text, format: .jsonl, name: "t.jsonl")
    #expect(table.columns == ["label", "other", "text"])
    #expect(table.rows == [["1", "", "a\nb"], ["true", "", ""]])
    #expect(table.lines == [1, 3])
  }

  @Test(arguments: [
    ("text,label\na,b\nc\n", TextTable.Format.csv, "line 3 has 1 fields"),
    ("text,label\na,\"b\nc\n", .csv, "line 2: a quote is opened"),
    ("text,label\n\"a\"b,c\n", .csv, "line 2: a letter follows"), ("text,text\na,b\n", .csv, "twice"),
    ("", .csv, "is empty"), ("text,label\n", .csv, "no rows"), ("a\tb\nc\n", .tsv, "line 2 has 1 fields"),
    ("{\"a\":1}\n{oops}\n", .jsonl, "line 2"), ("[1]\n", .jsonl, "line 1: must be an object"),
    ("{\"a\":[1]}\n", .jsonl, "line 1: a must be"), ("\n", .jsonl, "no rows"),
  ])
  func malformedTablesNameTheLine(_ text: String, _ format: TextTable.Format, _ wanted: String) {
    do {
      let table = try TextTable(text: text, format: format, name: "t")
      Issue.record("no error: \(table.rows)")
    } catch {
      #expect("\(error)".contains(wanted), "\(error)")
    }
  }

  @Test func columnsAreNamedOrSuggested() throws {
    let table = try TextTable(text: "text,label\n x ,a\n,b\n", format: .csv, name: "t.csv")
    let near = #expect(throws: Failure.self) { try table.column("txt") }
    #expect(near?.cure == "Did you mean “text”?")
    let empty = #expect(throws: Failure.self) { try table.labelled() }
    #expect(empty?.what == "t.csv: line 3: text is empty.")
    #expect(try TextTable.format(of: "a/b.JSONL") == .jsonl)
    #expect(throws: Failure.self) { try TextTable.format(of: "a/b.txt") }
  }

  @Test func bytesThatAreNotTextNameTheLine() {
    let error = #expect(throws: Failure.self) {
      try UTF8Check.text(Array("ok\nso ".utf8) + [0xE9, 0x0A], of: "t.csv")
    }
    #expect(error?.what == "t.csv: line 2 is not UTF-8 (byte 6).")
    #expect((try? UTF8Check.text([0xEF, 0xBB, 0xBF, 0x61], of: "t")) == "a")
    #expect((try? UTF8Check.text(Array("\u{FFFD}".utf8), of: "t")) == "\u{FFFD}")
    #expect(throws: Failure.self) { try TextTable(path: "/dev/null", format: .csv) }
    #expect(throws: Failure.self) { try TextTable(path: "/no/such.csv", format: .csv) }
  }

  @Test func templatesKnowTheirPlaces() throws {
    #expect(try PromptTemplate("Tweet: {text} Label: {label}") == .tweets)
    #expect(PromptTemplate.tweets.filled(text: "hi", label: "positive") == "Tweet: hi Label: positive")
    let bare = try PromptTemplate("{text}\n{label}")
    #expect(bare.head == "" && bare.tail == "\n" && bare.labelSpace == "")
    for wrong in [
      "", "{text}", "{label} {text}", "{text} {label} ok", "{text}{text}{label}", "{txt}{label}", "{text",
    ] {
      #expect(throws: Failure.self) { try PromptTemplate(wrong) }
    }
  }

  @Test func templatesHavePlacesForVectors() throws {
    let template = try PromptTemplate("{prompt}{prompt} Tweet: {text} {prompt} Label:{prompt} {label}")
    #expect(template.pieces.head == ["", "", "Tweet:"] && template.pieces.tail == ["", " Label:", ""])
    #expect(template.head == "Tweet:" && template.tail == " Label:" && template.slots == 4)
    #expect(template.textSpace == " " && template.labelSpace == " ")
    #expect(template.filled(text: "hi", label: "positive") == "Tweet: hi Label: positive")
    let middle = try PromptTemplate("a {prompt} b {text} c {label}")
    #expect(middle.pieces.head == ["a", " b"] && middle.pieces.tail == [" c"] && middle.slots == 1)
    for wrong in [
      "{text} {label} {prompt}", "{prompt} {text}", "{promt} {text} {label}", "{text} {label}{prompt}",
    ] {
      let failure = #expect(throws: Failure.self) { try PromptTemplate(wrong) }
      #expect(failure?.description.contains("{") == true)
    }
  }

  @Test func placesFollowTheirRow() throws {
    let tokenizer = try BytePairTokenizer.garden(), labels = try LabelSet(["positive", "negative"])
    func task(_ template: String) throws -> LabellingTask {
      try LabellingTask(template: PromptTemplate(template), labels: labels, tokenizer: tokenizer, context: 64)
    }
    let with = try task("{prompt} Tweet: {text} {prompt} Label: {label}"),
      plain = try task(PromptTemplate.tweets.source)
    let texts = [LabelledText("i love it", label: "positive"), LabelledText("no", label: "negative")]
    let rows = try with.examples(texts)
    #expect(try rows.map(\.ids) == plain.examples(texts).map(\.ids))
    let tail = tokenizer.encode(" Label:").count
    for row in rows {
      let answer = row.labels.filter { $0 != Example.ignored }.count
      #expect(row.slots == [0, row.ids.count - answer - tail])
    }
    let batch = try Batch(rows, pad: 0), short = batch.columns - rows[1].ids.count
    #expect(short > 0 && batch.slots?[1] == rows[1].slots.map { $0 + short })
    #expect(try Batch(plain.examples(texts), pad: 0).slots == nil)
    #expect(throws: Failure.self) { try Batch(rows + plain.examples(texts), pad: 0) }
  }

  @Test func onlyTheLabelCarriesLoss() throws {
    let tokenizer = try BytePairTokenizer.garden()
    let labels = try LabelSet(["positive", "negative"])
    let task = try LabellingTask(template: .tweets, labels: labels, tokenizer: tokenizer, context: 64)
    let row = try task.example(LabelledText("i love it", label: "positive"))
    #expect(row.ids == tokenizer.encode("Tweet: i love it Label: positive") + [0])
    let loud = row.ids.indices.filter { row.labels[$0] != Example.ignored }
    #expect(tokenizer.decode(loud.map { row.ids[$0] }) == " positive<|endoftext|>")
    #expect(loud.allSatisfy { row.labels[$0] == row.ids[$0] })
    #expect(row.choice == 0)
    let pair = try task.candidates("i love it")
    #expect(pair[0] == row && pair[1].choice == 1)
    #expect(throws: Failure.self) { try task.example(LabelledText("x", label: "positiv")) }
  }

  @Test func aLongTextIsShortenedAndTheLabelNever() throws {
    let tokenizer = try BytePairTokenizer.garden()
    let labels = try LabelSet(["yes", "no complaint"])
    let task = try LabellingTask(template: .tweets, labels: labels, tokenizer: tokenizer, context: 40)
    let long = String(repeating: "the old garden ", count: 50)
    let whole = tokenizer.encode(" " + long.trimmed)
    #expect(try task.shortens(long))
    for label in labels.words {
      let row = try task.example(LabelledText(long, label: label))
      #expect(row.ids.count <= 40)
      let start = tokenizer.encode("Tweet:").count
      #expect(Array(row.ids[start..<start + task.room]) == Array(whole.prefix(task.room)))
      #expect(tokenizer.decode(row.ids).hasSuffix(" Label: \(label)<|endoftext|>"))
    }
    // The text is cut alike for both labels.
    #expect(try task.candidates(long).map { $0.ids.count }.max() == 40)
    #expect(throws: Failure.self) {
      try LabellingTask(template: .tweets, labels: labels, tokenizer: tokenizer, context: 12)
    }
  }

  /// The script's fault, shown: what is asked for at the right end is not what stands there.
  @Test func theTutorialsRowsLoseTheirLabel() throws {
    let tokenizer = try BytePairTokenizer.garden()
    let labels = try LabelSet(["yes", "no complaint"])
    func task(_ like: LabellingTask.Like) throws -> LabellingTask {
      try LabellingTask(template: .tweets, labels: labels, tokenizer: tokenizer, context: 40, like: like)
    }
    let short = LabelledText("the garden", label: "yes")
    #expect(try task(.tutorial).example(short) == task(.own).example(short))
    let long = LabelledText(String(repeating: "the old garden ", count: 50), label: "yes")
    let row = try task(.tutorial).example(long), answer = try task(.own).labelTokens[0]
    #expect(row.ids.count == 40 && row.labels.suffix(answer.count) == answer[...])
    #expect(row.ids.suffix(answer.count) != answer[...])
    #expect(row.ids == Array(tokenizer.encode("Tweet: " + long.text.trimmed).prefix(40)))
    let own = try task(.own).example(long)
    #expect(own.ids.suffix(answer.count) == answer[...])
  }

  @Test func labelsNeedTwo() throws {
    #expect(try LabelSet(["b", "a", "b"]).words == ["b", "a"])
    #expect(throws: Failure.self) { try LabelSet(["a", "a"]) }
  }

  @Test func aSplitIsSeededAndCoversAll() throws {
    let split = try Split(count: 101, validation: 0.1, test: 0.2, seed: 1)
    #expect(split.test.count == 20 && split.validation.count == 10)
    #expect((split.train + split.validation + split.test).sorted() == Array(0..<101))
    #expect(split == (try Split(count: 101, validation: 0.1, test: 0.2, seed: 1)))
    #expect(split != (try Split(count: 101, validation: 0.1, test: 0.2, seed: 2)))
    #expect(throws: Failure.self) { try Split(count: 10, validation: 0.5, test: 0.5) }
    #expect(throws: Failure.self) { try Split(count: 10, validation: .nan, test: 0.1) }
  }

  @Test func everyTokenOfACorpusIsPredictedOnce() throws {
    let tokenizer = try BytePairTokenizer.garden()
    let corpus = try Corpus(gardenTexts, tokenizer: tokenizer, context: 7)
    var seen: [Int] = []
    for i in 0..<corpus.count {
      let window = corpus[i]
      #expect(window.ids.count <= 7 && window.counted >= 1)
      seen += window.labels.dropFirst()
    }
    #expect(seen == Array(corpus.ids.dropFirst()))
    #expect(seen.count == corpus.counted)
    #expect(corpus[-1] == corpus[corpus.count - 1])
    #expect(
      tokenizer.decode(corpus.ids) == "<|endoftext|>" + gardenTexts.map { $0 + "<|endoftext|>" }.joined())
    #expect(corpus.bytes == gardenTexts.joined().utf8.count)
    #expect(throws: Failure.self) { try Corpus([], tokenizer: tokenizer, context: 7) }
    #expect(throws: Failure.self) { try Corpus(["a"], tokenizer: CharacterTokenizer.alphabet, context: 7) }
  }

  @Test(arguments: [2, 3, 5, 9]) func windowsFitEveryLength(_ context: Int) throws {
    let tokenizer = try BytePairTokenizer.garden()
    for words in 1..<12 {
      let corpus = try Corpus([String(repeating: "z", count: words)], tokenizer: tokenizer, context: context)
      let counted = (0..<corpus.count).reduce(0) { $0 + corpus[$1].counted }
      #expect(counted == corpus.counted)
    }
  }

  @Test func figuresAreThoseOfTheBooks() {
    let truth = [0, 0, 0, 1]
    #expect(Statistics.balancedAccuracy(truth: truth, predicted: [0, 0, 0, 0]) == 0.5)
    let five: Double = Statistics.balancedAccuracy(truth: truth, predicted: [0, 0, 1, 1]) * 6
    #expect(abs(five - 5) < 1e-12)
    #expect(Statistics.accuracy(truth: truth, predicted: [0, 0, 0, 0]) == 0.75)
    #expect(Statistics.majority([1, 0, 1, 2])?.choice == 1)
    #expect(Statistics.majority([2, 1])?.choice == 1)
    #expect(Statistics.majority([]) == nil)
    // Wilson 1927 for 8 of 10: 0.4902 to 0.9433.
    let wilson = Statistics.wilson(right: 8, of: 10)
    #expect(abs(wilson.lowerBound - 0.49016) < 1e-4 && abs(wilson.upperBound - 0.94331) < 1e-4)
    #expect(Statistics.wilson(right: 0, of: 0) == 0...1)
    #expect(Statistics.range([2, 1, 3]) == 1...3)
    #expect(abs(Statistics.bitsPerByte(nats: 0.6931471805599453 * 16, bytes: 8) - 2) < 1e-12)
  }

  @Test func theBootstrapCoversItsMiddle() {
    let truth = (0..<400).map { $0 % 4 == 0 ? 1 : 0 }
    let guess = (0..<400).map { $0 % 10 < 3 ? 1 - truth[$0] : truth[$0] }
    let middle = Statistics.balancedAccuracy(truth: truth, predicted: guess)
    let interval = Statistics.balancedAccuracyInterval(truth: truth, predicted: guess)
    #expect(interval.contains(middle))
    // Standard error by hand: half the root of the classes' summed variances.
    let expected = 2 * 1.96 * 0.5 * (0.21 / 300 + 0.21 / 100).squareRoot()
    let width = interval.upperBound - interval.lowerBound
    #expect(abs(width / expected - 1) < 0.2)
    #expect(interval == Statistics.balancedAccuracyInterval(truth: truth, predicted: guess))
    #expect(Statistics.balancedAccuracyInterval(truth: [], predicted: []) == 0...1)
  }
}
