import Events
import Options
import Testing

/// Nothing is ever wider than the width, whatever the content; and nothing in the data reaches the terminal
/// raw.
struct WidthTests {
  static let awkward: [String] = [
    "", " ", "plain", "    indented   with   gaps   ", String(repeating: "verylongword", count: 8),
    "深度学习中的低秩适配（LoRA）是一种参数高效的微调方法，只训练很少的参数。" + String(repeating: "很长", count: 20),
    "full-width ＡＢＣ１２３ and カタカナ and 한국어 텍스트", "👍🏽👩‍👩‍👧‍👦❤️🇩🇪 emoji " + String(repeating: "🚀", count: 30),
    "e\u{301}a\u{300}" + String(repeating: "o\u{302}\u{303}", count: 50),
    "zalgo z" + String(repeating: "\u{336}\u{334}", count: 40),
    "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7} \u{9b}2J", "line\nbreak\ttab\r\nreturn \u{202e}reversed",
    String(repeating: "क्ष्म्य", count: 40), "\u{301}\u{fe0f}\u{200d}",
    "[-= 1,2;3 =-] {1} {2} `code **strong",
  ]
  static let numbers: [Double] = [
    0, -0.0, 1, -1, .nan, .infinity, -.infinity, .pi * 1e-9, 1e300, -1e300, .leastNonzeroMagnitude,
    123_456.789,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
  ]

  /// Every kind filled with one text and all those numbers.
  static func events(_ t: String) -> [Event] {
    let styled = StyledText(t) + .strong(t) + " " + .code(t)
    let some = Array(numbers.prefix(4)), floats = numbers.map { Float($0) }
    let data: [Datum] =
      numbers.map { .number($0) } + [.words(t), .count(.min), .percent(1e300), .bytes(.max), .seconds(.nan)]
    let columns = data.indices.map { Table.Column("\(t)\($0)", priority: $0 % 4) }
    let deep = (0..<24).reduce(Tree.Node(styled, facts: t)) {
      Tree.Node(StyledText(t + "\($1)"), facts: t, [$0, Tree.Node(styled)])
    }
    return [
      .prose(Prose(text: t)), .prose(Prose(marked: t)), .prose(Prose(styled)), .heading(Heading(t, aside: t)),
      .facts(Facts(styled, data.map { Facts.Fact(t, $0) })),
      .table(Table(t, columns: columns, rows: [data, [], Array(data.reversed())])),
      .table(Table(t, columns: columns, rows: [data], wide: true)),
      .table(
        Table(
          columns: ["", Table.Column(t, .right, priority: 0), Table.Column(t, priority: 0)],
          rows: [[.words(t), .words(t), .words(t)]])),
      .tensor(TensorView(t, shape: [2, 7, 1], values: floats)),
      .tensor(TensorView(t, shape: [1, 2, 400], values: Array(repeating: -1.2345e-30, count: 800))),
      .tensor(TensorView(t, shape: [300], values: (0..<300).map(Float.init))),
      .tensor(TensorView(t, shape: [0, 3], values: [])),
      .curve(Curve(t, y: numbers)), .curve(Curve(t, y: [1])),
      .curve(Curve(t, x: numbers, y: numbers.reversed(), form: .spark)),
      .curve(Curve([.init(t, y: numbers), .init(t, y: some), .init("", y: [])], axis: t)),
      .bars(Bars(t, numbers.map { .init(t, $0) })),
      .bars(Bars(t, numbers.map { .init(t, $0) }, full: 1, inline: true)),
      .histogram(Histogram(t, values: floats)), .histogram(Histogram(t, values: [])),
      .histogram(Histogram(t, values: [.nan])),
      .heatmap(
        Heatmap(
          t, rows: Array(repeating: t, count: 65), columns: Array(repeating: t, count: 9),
          values: [numbers, some])),
      .tree(Tree([deep])), .question(Question(styled, choices: [styled, "b", StyledText(t)], id: t)),
      .question(Question(styled, choices: Array(repeating: "x", count: 40))),
      .verdict(Verdict(.wrong, styled, id: t)), .verdict(Verdict(.passed, "")), .note(Note(styled)),
      .warning(styled),
      .error(FailureView(Failure(t, cure: t, details: [t, t], place: 3..<9), source: t + t)),
      .error(FailureView(Failure(t, place: 200..<20_000), source: t + t)),
      .error(FailureView(Failure(t, place: -5 ..< -1), source: t)),
      .value(ValueView(.numbers(numbers), name: t, remark: styled)), .value(ValueView(.words(t))),
      .progress(
        ProgressLine(
          3, of: nil, unit: t, loss: -1e300, rate: .nan, eta: 1e12, elapsed: .infinity, values: numbers)),
      .progress(ProgressLine(3, of: 60, unit: t, loss: -1e300, rate: 1e-300, text: t + t)),
      .progress(ProgressLine(3, of: nil, text: t + t)),
      .progress(ProgressLine(.max, of: .min, unit: t, loss: .nan, rate: 1e-300, eta: -1, values: numbers)),
      .progress(ProgressLine(1, of: 3, unit: t, loss: .nan, elapsed: 1e30, values: numbers, finished: true)),
    ]
  }

  @Test(arguments: awkward) func fits(text: String) {
    for event in WidthTests.events(text) {
      for width in [40, 57, 200] {
        for reader in [false, true] {
          let language: Language = width == 40 && reader ? .zhHans : .en
          let p = Presentation(width: width, unicode: width != 57, reader: reader, language: language)
          let bad = PlainText(p).text(of: event).split(separator: "\n").map(String.init).first {
            columns(of: $0) > width || visible($0) != $0
          }
          #expect(bad == nil, "\(width) \(event)")
        }
      }
    }
  }

  @Test(arguments: Array(Presentation.widths)) func fits(width: Int) {
    for (name, event) in Samples.all {
      for line in event.lines(Presentation(width: width)) { #expect(line.columns <= width, "\(name)") }
    }
  }

  @Test func coloursChangeNoCharacter() {
    for (_, event) in Samples.all {
      let coloured = ANSI(Presentation(colour: true)).text(of: event)
      let bare = coloured.replacing(/\u{1b}\[[0-9]*m/, with: "")
      #expect(bare == PlainText().text(of: event))
      #expect(ANSI(Presentation()).text(of: event) == bare)
    }
    #expect(ANSI().text(of: .error(Samples.failure)).contains("\u{1b}[31m"))
  }

  @Test func unicodeOffLeavesASCII() {
    for (name, event) in Samples.all {
      let text = PlainText(Presentation(unicode: false)).text(of: event)
      #expect(text.utf8.allSatisfy { $0 < 0x80 }, "\(name)\n\(text)")
    }
    #expect(PlainText(Presentation(unicode: false)).text(of: .prose("学习 → é")) == "  学习 > é\n")
  }
}
