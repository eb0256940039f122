import Events
import Options
import Testing

/// What each kind promises beyond its look.
struct KindsTests {
  func text(_ event: Event, _ p: Presentation = Presentation()) -> String { PlainText(p).text(of: event) }

  @Test func tableLeavesOutTheLeastImportantAndSaysSo() {
    let narrow = Presentation(width: 40)
    let table = Table(
      columns: [
        "site", Table.Column("a long title", priority: 9), Table.Column("second title", priority: 1),
        "fourth one",
      ],
      rows: [["attn.q", 1, 2, 3]])
    let lines = text(.table(table), narrow).split(separator: "\n")
    #expect(lines.last == "  columns not shown: a long title")
    #expect(lines[0].contains("second title") && lines[0].contains("fourth one"))
    #expect(!text(.table(table)).contains("not shown"))
  }

  @Test func wideTableShowsEveryColumnWithItsKey() {
    var table = Samples.table
    table.wide = true
    let shown = text(.table(table), Presentation(width: 40))
    for column in table.columns { #expect(shown.contains(column.title)) }
    for number in ["1,536", "0.252", "0.112", "3.03"] { #expect(shown.contains(number)) }
    #expect(shown.split(separator: "\n").filter { $0.contains("lora r=4") }.count > 1)
    #expect(!shown.contains("not shown"))
  }

  @Test func numbersAreNeverCutInTables() {
    let columns = (0..<9).map { Table.Column("c\($0)", priority: 0) }
    let row: [Datum] = (0..<9).map { .count(100_000_000 + $0) }
    let shown = text(.table(Table(columns: columns, rows: [row])), Presentation(width: 40))
    for cell in row { if case .count(let n) = cell { #expect(shown.contains(grouped(n))) } }
  }

  @Test func wordsAreCutBeforeColumnsGo() {
    let long = String(repeating: "word ", count: 30)
    let shown = text(.table(Table(columns: ["what", "n"], rows: [[.words(long), 5]])))
    #expect(shown.contains("…") && shown.contains("  5") && !shown.contains("not shown"))
  }

  @Test func raggedAndEmptyTables() {
    #expect(
      text(.table(Table(columns: ["a", "b"], rows: [["x"], ["y", 2, 3]]))) == "  a  b\n  x\n  y  2\n")
    #expect(text(.table(Table(columns: ["a"], rows: []))) == "  (no rows)\n")
  }

  @Test func tensorStatistics() throws {
    let span = try #require(TensorView("x", shape: [2, 2], values: [1, 2, 3, -6]).span)
    #expect(span == (-6, 0, 3))
    let strange = TensorView("x", shape: [3], values: [.nan, 1, .infinity])
    #expect(strange.strange == 2 && text(.tensor(strange)).contains("not finite: 2"))
    #expect(
      text(.tensor(TensorView("B", shape: [4, 48], values: Array(repeating: 0, count: 192)))).contains(
        "min 0   mean 0   max 0"))
    #expect(!text(.tensor(TensorView("B", shape: [2], values: [-0.0, 0]))).contains("-"))
  }

  @Test func tensorElision() {
    let view = TensorView("w", shape: [3, 10, 100], values: (0..<3000).map(Float.init))
    #expect(
      view.rows.map(\.index) == [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [2, 8], [2, 9]])
    #expect(view.skipped == 22)
    #expect(view.rows[7].tail == [2998, 2999])
    let shown = text(.tensor(view))
    #expect(shown.contains("…") && shown.contains("2999") && shown.contains("[2,9]"))
    #expect(text(.tensor(TensorView("s", shape: [], values: [2.5]))).contains("2.5"))
  }

  func sentence(_ y: [Double], x: [Double]? = nil) -> String {
    text(.curve(Curve("loss", x: x, y: y)), Presentation(width: 200, reader: true))
  }

  @Test func curveSentences() {
    #expect(
      sentence(Samples.losses, x: Samples.steps)
        == "loss falls from 0.098 to 0.002, steepest between 2 and 10.\n")
    #expect(sentence([0, 1, 2, 3, 20, 21, 22]) == "loss rises from 0 to 22, steepest between 3 and 4.\n")
    #expect(sentence([1, 2]) == "loss rises from 1 to 2.\n")
    #expect(sentence([3, 3, 3]) == "loss is 3 throughout.\n")
    #expect(sentence([5, 1, 0, 3]) == "loss falls from 5 to 3, steepest between 0 and 1, lowest 0 at 2.\n")
    #expect(sentence([1, 5, 0, 1]) == "loss stays near 1, lowest 0 at 2, highest 5 at 1.\n")
    #expect(sentence([.nan]) == "no values\n")
  }

  @Test func plotsHaveTheirEndsAtTheEdges() {
    let rows = text(.curve(Curve("y", x: [0, 10], y: [0, 1]))).split(separator: "\n")
    #expect(rows[1].hasPrefix("  1 │") && rows[1].hasSuffix("⠉"))
    #expect(rows[8].hasPrefix("  0 │⣀"))
    #expect(rows[10].hasSuffix("10"))
  }

  @Test func sparks() {
    #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], columns: 8) == "▁▂▃▄▅▆▇█")
    #expect(sparkline([7, 7], columns: 8) == "▁▁")
    #expect(sparkline([0, .nan, 1], columns: 8) == "▁ █")
    #expect(sparkline((0..<100).map(Double.init), columns: 4) == "▁▃▆█")
    #expect(sparkline([], columns: 4) == "" && sparkline([1], columns: 0) == "")
  }

  @Test func histogramCountsEverything() {
    let h = Histogram("x", values: [0, 1, 1, 2, 4, .nan, .infinity], bins: 4)
    #expect(h.counts == [1, 2, 1, 1] && h.edges == [0, 1, 2, 3, 4] && h.outside == 2)
    #expect(Histogram("x", values: [3, 3]).counts == [2])
    let wild = Histogram("x", values: [-.greatestFiniteMagnitude, .greatestFiniteMagnitude], bins: 2)
    #expect(wild.counts == [1, 1])
  }

  @Test func heatmapTellsZeroFromSmall() {
    let shown = text(.heatmap(Heatmap(rows: ["a"], columns: ["x", "y", "z"], values: [[0, 0.001, 1]])))
    #expect(shown.split(separator: "\n")[1] == "  a  ·  0 █9")
    let wide = Heatmap(
      rows: ["a"], columns: (0..<40).map { "t\($0)" }, values: [(0..<40).map { Double($0) / 40 }])
    let blocks = text(.heatmap(wide), Presentation(width: 40))
    for i in 0..<40 { #expect(blocks.contains("t\(i)")) }
  }

  @Test func caretStandsUnderTheWord() {
    let source = "let 模 = 1\ngen \"学习\" atach 深度"
    let words = "atach"
    let from = Array(source.utf8).count - Array("atach 深度".utf8).count
    let error = FailureView(
      Failure("no command “atach”.", place: from..<(from + words.utf8.count)), source: source)
    let lines = text(.error(error)).split(separator: "\n")
    #expect(lines[1] == "    gen \"学习\" atach 深度")
    #expect(lines[2] == "               ^~~~~")
    #expect(text(.error(error), Presentation(reader: true)).contains("at “atach”"))
  }

  @Test func caretStaysInSightInLongLines() {
    let source = String(repeating: "left ", count: 60) + "wrong" + String(repeating: " right", count: 60)
    let view = FailureView(Failure("no", place: 300..<305), source: source)
    let lines = text(.error(view), Presentation(width: 60)).split(separator: "\n").map(Array.init)
    let start = lines[2].firstIndex(of: "^") ?? 0
    #expect(String(lines[1][start..<(start + 5)]) == "wrong")
    #expect(text(.error(FailureView(CancellationError()))).hasPrefix("  error: "))
  }

  @Test func progressDropsWhatDoesNotFit() {
    let line = text(.progress(Samples.running), Presentation(width: 40))
    #expect(line.contains("21/60") && line.contains("█") && !line.contains("left"))
    let wide = text(.progress(Samples.running), Presentation(width: 120))
    for part in ["21/60", "loss 0.007", "46 step/s", "850 ms left"] { #expect(wide.contains(part)) }
    let stopped = ProgressLine(21, of: 60, loss: 0.007, finished: true)
    #expect(text(.progress(stopped)).contains("stopped after step 21 of 60"))
    #expect(text(.progress(ProgressLine(21, of: nil))) == "  21 step\n")
  }

  @Test func progressShowsTheEndOfWhatIsWritten() {
    let line = ProgressLine(12, of: 60, unit: "token", rate: 46, text: "It was a dark\nand stormy night")
    #expect(text(.progress(line)) == "  12/60   46 token/s   It was a dark and stormy night\n")
    let narrow = text(.progress(line), Presentation(width: 40))
    #expect(narrow.contains("   …") && narrow.hasSuffix("stormy night\n") && !narrow.contains("dark"))
  }

  @Test func marksHaveWords() {
    #expect(text(.verdict(Samples.wrong)).hasPrefix("  ✘ wrong  lora/3  "))
    #expect(text(.verdict(Verdict(.right, "")), Presentation(reader: true)) == "right\n")
    #expect(text(.verdict(Verdict(.right, "")), Presentation(unicode: false)) == "  + right\n")
  }

  @Test func choices() {
    #expect(Question.letter(0) == "a" && Question.letter(25) == "z" && Question.letter(26) == "27")
  }

  @Test func proseKeepsItsLines() {
    #expect(text(.prose("one\n\n  two\r\nthree")) == "  one\n\n    two\n  three\n")
    #expect(text(.prose("")) == "\n")
  }
}
