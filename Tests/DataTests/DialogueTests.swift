import Options
import Testing

@testable import Data

/// Dialogues and pairs: what is read, which tokens count, and what is said of files that are not right.
@Suite struct DialogueTests {
  /// Every letter its own token, an end of text behind them.
  private struct Letters: Tokenizer {
    let name = "letters", vocabularySize = 1000, endOfText: Int? = 999, pad: Int? = nil, specials: Set = [999]
    func encode(_ text: String) throws -> [Int] { text.unicodeScalars.map { Int($0.value) % 900 } }
    func decode(_ ids: [Int]) -> String {
      String(String.UnicodeScalarView(ids.filter { $0 < 900 }.compactMap { Unicode.Scalar(UInt32($0)) }))
    }
    func token(_ id: Int) -> String { decode([id]) }
  }

  private let talk = Dialogue([
    Turn("system", "Be kind."), Turn("user", "Hi"), Turn("assistant", "Hello"), Turn("user", "Bye"),
    Turn("assistant", "Soon"),
  ])

  private func row(_ mask: LossMask, _ form: DialogueForm = .plain, context: Int = 500) throws -> Example {
    try #require(
      try DialogueTask(form: form, mask: mask, context: context, tokenizer: Letters()).example(talk))
  }

  private func counted(_ row: Example) -> String {
    Letters().decode(row.labels.map { $0 == Example.ignored ? Int(UInt8(ascii: "_")) : $0 })
  }

  @Test func masks() throws {
    let all = try row(.full)
    #expect(all.labels == all.ids)
    #expect(
      Letters().decode(all.ids) == "Be kind.\nUser: Hi\nAssistant: Hello\nUser: Bye\nAssistant: Soon")
    let answers = try row(.assistant), last = try row(.completion)
    #expect(answers.ids == all.ids && last.ids == all.ids)
    #expect(counted(answers).split(separator: "_").map(String.init) == [" Hello", " Soon"])
    #expect(counted(last).split(separator: "_").map(String.init) == [" Soon"])
    // Each answer ends with the end of text, which counts too.
    #expect(answers.labels.filter { $0 == 999 }.count == 2 && last.labels.filter { $0 == 999 }.count == 1)
    #expect(last.counted == " Soon".count + 1)
  }

  @Test func chatML() throws {
    let row = try row(.assistant, .chatML)
    #expect(
      Letters().decode(row.ids).hasSuffix("<|im_start|>assistant\nSoon<|im_end|>\n")
        && Letters().decode(row.ids).hasPrefix("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user"))
    #expect(
      counted(row).split(separator: "_").joined(separator: "·") == "Hello<|im·end|>·Soon<|im·end|>")
  }

  /// The template of each name writes what the checkpoints' makers write, and only answers with their end marks count.
  @Test(arguments: [
    (
      "llama2", "[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nHi [/INST] Hello ∎[INST] Bye [/INST] Soon ∎",
      [" Hello ∎", " Soon ∎"]
    ),
    (
      "llama3",
      "<|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi"
        + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
        + "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        + "Soon<|eot_id|>", ["Hello<|eot_id|>", "Soon<|eot_id|>"]
    ),
    (
      "zephyr",
      "<|system|>\nBe kind.∎\n<|user|>\nHi∎\n<|assistant|>\nHello∎\n<|user|>\nBye∎\n<|assistant|>\nSoon∎\n",
      ["Hello∎", "Soon∎"]
    ),
    (
      "chatml",
      "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n"
        + "<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\nSoon<|im_end|>\n",
      ["Hello<|im_end|>", "Soon<|im_end|>"]
    ),
  ])
  func knownTemplates(name: String, text: String, answers: [String]) throws {
    func shown(_ ids: [Int]) -> String { ids.map { $0 == 999 ? "∎" : Letters().decode([$0]) }.joined() }
    let form = try DialogueForm.named(name), row = try row(.assistant, form)
    #expect(shown(row.ids) == text)
    func stretches(_ row: Example) -> [String] {
      zip(row.ids, row.labels).split { $0.1 == Example.ignored }.map { shown($0.map(\.0)) }
    }
    #expect(stretches(row) == answers)
    #expect(try stretches(self.row(.completion, form)) == [answers[1]])
    #expect(try self.row(.full, form).counted == row.ids.count - 1)
  }

  /// Where a tokenizer joins a space to the word behind it, the tokens are those of the whole text.
  @Test func tokensOverABorder() throws {
    let words = ["[INST]", "▁Hi", "▁[/INST]", "▁Hello", "▁", "x"]
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0 + 2)" }.joined(separator: ", ")
    let json = """
      {"added_tokens": [{"id": 0, "content": "<s>", "special": true}, {"id": 1, "content": "</s>", "special": true}],
       "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": true},
       "model": {"type": "WordLevel", "vocab": {\(vocabulary)}, "unk_token": "x"}}
      """
    var tokenizer = try PipelineTokenizer(Array(json.utf8))
    tokenizer.beginning = "<s>"
    let task = DialogueTask(
      form: try .named("llama2"), mask: .assistant, context: 50, tokenizer: tokenizer)
    let row = try task.whole(Dialogue([Turn("user", "Hi"), Turn("assistant", "Hello")]))
    #expect(
      try row.ids == tokenizer.encode("<s>[INST] Hi [/INST] Hello </s>") && row.ids == [0, 2, 3, 4, 5, 6, 1])
    #expect(row.labels.map { $0 == Example.ignored } == [true, true, true, true, false, false, false])
  }

  @Test func formsThatAreNotKnown() throws {
    #expect(try #require(throws: Failure.self) { try DialogueForm.named("lama3") }.cure.contains("llama3"))
    #expect(try #require(throws: Failure.self) { try DialogueForm.named("own") }.what.contains("without"))
    let strange = try #require(throws: Failure.self) {
      try DialogueForm.named("own", chat: "{% macro x() %}")
    }
    #expect(strange.what.contains("chat template"))
    let own = try DialogueForm.named("own", chat: "<|im_start|>system\\nBe brief.<|im_end|>")
    let text = try own.pieces(of: Dialogue([Turn("user", "Hi"), Turn("assistant", "Yo")])).compactMap(\.text)
      .joined()
    #expect(text.hasPrefix("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user"))
    let turns = Dialogue([Turn("assistant", "a"), Turn("user", "b")])
    #expect(throws: Failure.self) { try DialogueForm.named("llama2").pieces(of: turns) }
  }

  @Test func promptAndCompletionStandAsTheyAre() throws {
    let task = DialogueTask(form: .chatML, mask: .assistant, context: 30, tokenizer: Letters())
    let row = try #require(try task.example(Dialogue(prompt: "2+2=", completion: "4")))
    #expect(Letters().decode(row.ids) == "2+2=4" && row.labels.suffix(2) == [52, 999])
    #expect(row.counted == 2)
  }

  @Test func cuttingMayLeaveNothing() throws {
    let task = DialogueTask(form: .plain, mask: .assistant, context: 12, tokenizer: Letters())
    #expect(try task.example(talk) == nil)
    #expect(try row(.assistant, context: 34).counted == 6)
  }

  @Test func linesAreRead() throws {
    let text = """
      {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}

      {"prompt": "c", "completion": "d"}
      """
    let found = try Dialogue.lines(text, name: "talks.jsonl")
    #expect(
      found == [
        Dialogue([Turn("user", "a"), Turn("assistant", "b")]), Dialogue(prompt: "c", completion: "d"),
      ])
  }

  @Test(arguments: [
    ("", "no rows"), ("[1]", "must be an object"), ("{\"prompt\": \"a\"}", "completion"),
    ("{\"prompt\"", "JSON"),
    ("{\"messages\": 3}", "list of turns"),
    ("{\"messages\": [{\"role\": \"asistant\", \"content\": \"b\"}]}", "asistant"),
    ("{\"messages\": [{\"role\": \"user\", \"content\": \"b\"}]}", "nothing to learn to say"),
    ("{\"messages\": [{\"role\": \"user\"}]}", "content"),
  ])
  func wrongLines(text: String, says: String) throws {
    let failure = try #require(throws: Failure.self) { try Dialogue.lines(text, name: "talks.jsonl") }
    #expect(failure.what.contains(says) && failure.what.contains("talks.jsonl"), "\(failure.what)")
  }

  @Test func packingFillsRows() throws {
    #expect(RowPacking.groups([5, 3, 4, 2, 8, 1], capacity: 8) == [[0, 1], [2, 3, 5], [4]])
    #expect(RowPacking.groups([9], capacity: 8) == [[0]] && RowPacking.groups([], capacity: 8) == [])
    let rows = try (1...4).map { try Example(ids: Array(0...$0)) }
    let packed = try RowPacking.packed(rows, capacity: 9)
    #expect(
      packed.map(\.documents) == [[2, 3, 4], [5]] || packed.flatMap(\.documents).sorted() == [2, 3, 4, 5])
    #expect(packed.reduce(0) { $0 + $1.counted } == rows.reduce(0) { $0 + $1.counted })
    let batch = try Batch(packed, pad: 7)
    #expect(batch.counted == rows.reduce(0) { $0 + $1.counted })
    for (row, numbers) in (batch.documents ?? []).enumerated() {
      for column in numbers.indices where numbers[column] >= 0 {
        let starts = column == 0 || numbers[column] != numbers[column - 1]
        #expect((batch.positions[row][column] == 0) == starts)
        if starts { #expect(batch.labels[row][column] == Example.ignored) }
      }
    }
  }

  @Test func pairsOfATable() throws {
    let table = try TextTable(
      text: "prompt,chosen,rejected,agreement,margin\nq,a,b,0.75,1.5\nq2,c,d,1,0\n", format: .csv,
      name: "p.csv")
    let pairs = try table.pairs()
    #expect(
      pairs[0]
        == PreferencePair(prompt: "q", chosen: "a", rejected: "b", Preference(agreement: 0.75, margin: 1.5)))
    #expect(pairs[0].swapped.preference == Preference(agreement: 0.25, margin: -1.5))
    let (good, bad) = try PairTask(context: 10, tokenizer: Letters()).examples(pairs[1])
    #expect(Letters().decode(good.ids) == "q2c" && Letters().decode(bad.ids) == "q2d" && good.counted == 2)
    // Without a prompt the end of text stands before the answer, and a long prompt loses its start.
    let bare = try PairTask(context: 10, tokenizer: Letters()).examples(
      PreferencePair(prompt: "", chosen: "xy", rejected: "z"))
    #expect(bare.chosen.ids == [999, 120, 121, 999] && bare.chosen.counted == 3)
    let long = try PairTask(context: 4, tokenizer: Letters()).examples(
      PreferencePair(prompt: "abcdef", chosen: "x", rejected: "z"))
    #expect(Letters().decode(long.chosen.ids) == "efx")
  }

  /// What stands around a whole input stays where a long text is cut.
  @Test func pairsHaveTheMarksAroundThem() throws {
    struct Framed: Tokenizer {
      let name = "framed", vocabularySize = 1000, endOfText: Int? = nil, pad: Int? = nil,
        specials: Set = [1, 2]
      let around = (before: [1], after: [2])
      func encode(_ text: String) throws -> [Int] { text.utf8.map { Int($0) } }
      func decode(_ ids: [Int]) -> String { "" }
      func token(_ id: Int) -> String { "" }
    }
    let pair = PreferencePair(prompt: "", chosen: "abcdefg", rejected: "h")
    let (long, short) = try PairTask(context: 6, tokenizer: Framed()).examples(pair)
    #expect(long.ids == [1, 97, 98, 99, 100, 2] && short.ids == [1, 104, 2] && short.counted == 2)
    let asked = PreferencePair(prompt: "xyz", chosen: "ab", rejected: "h")
    #expect(
      try PairTask(context: 6, tokenizer: Framed()).examples(asked).chosen.ids == [1, 121, 122, 97, 98, 2])
  }

  @Test(arguments: [
    ("text\na\n", "lacks the column “chosen”"), ("chosen,rejected\na,\n", "line 2: rejected is empty"),
    ("chosen,rejected,agreement\na,b,2\n", "agreement “2”"),
  ])
  func wrongPairs(text: String, says: String) throws {
    let table = try TextTable(text: text, format: .csv, name: "p.csv")
    #expect(try #require(throws: Failure.self) { try table.pairs() }.what.contains(says))
  }

  @Test func whatRatersAgreeOn() {
    #expect(TweetPairs.agreement([1, 2], [0, 1]) == 0.875)
    let a = Tweets.Rated("a", rating: 2, scores: [2, 3]), b = Tweets.Rated("b", rating: -1, scores: [-1, -1])
    let pair = TweetPairs.pair(b, a)
    #expect(pair?.chosen == "a" && pair?.preference == Preference(agreement: 1, margin: 3.5))
    #expect(TweetPairs.pair(a, a) == nil)
  }
}
