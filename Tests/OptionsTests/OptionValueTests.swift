import Options
import Testing

struct OptionValueTests {
  @Test(
    arguments: [
      (.integer(8), "8"), (.number(2), "2"), (.number(0.001), "0.001"), (.number(1e-5), "1e-05"),
      (.flag(true), "yes"),
      (.flag(false), "no"), (.text("attn.q"), "attn.q"), (.text("two words"), "\"two words\""),
      (.text(""), "\"\""),
      (.text("a=b"), "\"a=b\""), (.text("学习"), "学习"), (.list([.integer(1), .text("a b")]), "1,\"a b\""),
      (.range(0, 3), "0..3"),
      (.text("say \"x\"\n\\"), #""say \"x\"\n\\""#), (.text("\r\u{1b}"), #""\u{d}\u{1b}""#),
      (.text("a\r\nb"), #""a\u{d}\nb""#),
    ] as [(OptionValue, String)])
  func asTyped(value: OptionValue, text: String) { #expect(value.description == text) }

  @Test func bareWords() {
    for text in ["a", "blocks.*.attn.q", "+2", "é", "a-b/c"] {
      #expect(OptionValue.isBareWord(text), "\(text)")
    }
    let reserved = [
      "", "a b", "a;b", "#a", "a,b", "a=b", "{", "}", "(", ")", "a[0]", "]", "\"", "\\", "a\tb", "a\nb",
      "a\r\nb",
    ]
    for text in reserved { #expect(!OptionValue.isBareWord(text), "\(text)") }
  }

  @Test func readings() {
    #expect(OptionValue.number(8).asInteger == 8 && OptionValue.number(8.5).asInteger == nil)
    #expect(OptionValue.number(1e19).asInteger == nil && OptionValue.text("8").asInteger == nil)
    #expect(OptionValue.integer(3).asNumber == 3 && OptionValue.flag(true).asNumber == nil)
    #expect(OptionValue.integer(5).asText == "5" && OptionValue.list([]).asText == nil)
    #expect(OptionValue.text("on").asFlag == true && OptionValue.text("2").asFlag == nil)
  }

  @Test func elements() {
    #expect(OptionValue.range(2, 4).elements == [.integer(2), .integer(3), .integer(4)])
    #expect(OptionValue.range(4, 2).elements.isEmpty)
    #expect(OptionValue.range(.min, .max).elements.isEmpty)
    #expect(
      OptionValue.list([.integer(9), .range(0, 1)]).elements == [.integer(9), .integer(0), .integer(1)])
    #expect(OptionValue.text("x").elements == [.text("x")])
  }

  /// Without quotes `1e-3` would come back as the number 0.001 and lose its spelling.
  @Test func textsThatReadAsNumbersAreQuoted() {
    for text in ["8", "1e-3", "0..3", "-2", "007", ".5"] {
      #expect(OptionValue.text(text).description == "\"\(text)\"")
    }
    for text in ["yes", "+2", "2x", "nan", "v1.5"] { #expect(OptionValue.text(text).description == text) }
  }
}
