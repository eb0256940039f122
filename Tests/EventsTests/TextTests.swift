import Events
import Testing

struct TextTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("学习", 4), ("ＡＢ", 4), ("한국", 4),
    ("\u{1112}\u{1161}\u{11ab}", 2),
    ("👍", 2), ("👍🏽", 2), ("👩‍👩‍👧‍👦", 2), ("❤️", 2), ("❤", 1), ("🇩🇪", 2), ("1️⃣", 2),
    ("→✔│█⠉", 5), ("ΔW·Bᵀ", 5),
    ("a\u{200b}b", 2),
    ("\u{1b}", 6), ("a\nb", 4), ("\u{303f}", 1), ("（）", 4), ("か\u{3099}", 2), ("䷀", 2), ("𠀀", 2), ("क्ष", 2),
  ])
  func columnsOfText(text: String, width: Int) { #expect(columns(of: text) == width) }

  @Test func controlsAreWrittenOut() {
    #expect(visible("\u{1b}[31mred\u{7}\r\n\u{9b}\u{202e}") == "\\u{1b}[31mred\\u{7}\\r\\n\\u{9b}\\u{202e}")
    #expect(visible("学习 👩‍👧 e\u{301}") == "学习 👩‍👧 e\u{301}")
    #expect(StyledText("\u{1b}[0m").plain == "\\u{1b}[0m")
  }

  @Test func padding() {
    #expect("学".padded(to: 4) == "学  ")
    #expect("学".padded(to: 4, .right) == "  学")
    #expect("abcdef".padded(to: 4) == "abcdef")
  }

  @Test func truncation() {
    #expect("abcdef".truncated(to: 6) == "abcdef")
    #expect("abcdef".truncated(to: 4) == "abc…")
    #expect("学习深度".truncated(to: 6) == "学习…")
    #expect("学习深度".truncated(to: 8) == "学习深度")
    #expect("abc".truncated(to: 1) == "…")
    #expect("abc".truncated(to: 0) == "")
    #expect((StyledText.strong("abc") + .dim("def")).truncated(to: 5).runs.map(\.style) == [.strong, .dim])
  }

  @Test func marks() {
    let text = StyledText(marked: "a **b c** `d*` 2**3 ** x `y")
    #expect(text.plain == "a b c d* 2**3 ** x `y")
    #expect(text.runs.map(\.style) == [.plain, .strong, .plain, .code, .plain])
    #expect(StyledText(marked: "").isEmpty)
  }

  @Test func joining() {
    #expect("a" + .strong("b") + .strong("c") + "d" == StyledText("a") + .strong("bc") + "d")
    #expect(["a", "b", "c"].joined(", ").plain == "a, b, c")
    #expect([StyledText]().joined().isEmpty)
  }
}

struct WrappingTests {
  func wrap(_ text: String, _ width: Int, hanging: Int? = nil) -> [String] {
    StyledText(text).wrapped(to: width, hanging: hanging).map(\.plain)
  }

  @Test func words() {
    #expect(wrap("one two three four", 9) == ["one two", "three", "four"])
    #expect(wrap("fits as it   is  ", 20) == ["fits as it   is  "])
    #expect(wrap("keeps   gaps where they   fit", 16) == ["keeps   gaps", "where they   fit"])
    #expect(wrap("trailing space is no line           ", 24) == ["trailing space is no", "line"])
  }

  @Test func indent() {
    #expect(wrap("  one two three", 9) == ["  one two", "  three"])
    #expect(wrap("id  one two three", 11, hanging: 4) == ["id  one two", "    three"])
  }

  @Test func longWords() {
    #expect(wrap("abcdefghijkl", 5) == ["abcde", "fghij", "kl"])
    #expect(wrap("a bcdefghijkl m", 5) == ["a bcd", "efghi", "jkl m"])
    #expect(wrap("      ", 4) == [""])
  }

  @Test func chinese() {
    #expect(wrap("深度学习很有用。", 8) == ["深度学习", "很有用。"])
    #expect(wrap("深度学习，很有用", 8) == ["深度学", "习，很有", "用"])
    #expect(wrap("用LoRA微调", 7) == ["用LoRA", "微调"])
    #expect(wrap("（深度学习）", 4).allSatisfy { columns(of: $0) <= 4 })
  }

  @Test func stylesSurvive() {
    let lines = (StyledText("aa bb ") + .bad("cc dd")).wrapped(to: 6)
    #expect(lines == ["aa bb", .bad("cc dd")])
  }
}
