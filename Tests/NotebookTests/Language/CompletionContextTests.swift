import Testing

@testable import Notebook

@Suite struct CompletionContextTests {
  typealias Subject = CompletionContext.Subject

  static func call(_ verb: String, _ words: [String] = [], given: [String] = []) -> CompletionContext.Call {
    .init(verb: verb, words: words, given: given)
  }

  /// A text with `|` for the cursor, what is completed, and the part typed so far.
  static let cases: [(String, Subject, String)] = [
    ("|", .verb, ""), ("at|", .verb, "at"), ("  at|tach", .verb, "at"), ("step; ev|", .verb, "ev"),
    ("step\nev|", .verb, "ev"),
    ("attach |", .argument(call("attach")), ""), ("att lo|", .argument(call("attach")), "lo"),
    ("attach lora |", .option(call("attach", ["lora"])), ""),
    ("attach lora al|", .option(call("attach", ["lora"])), "al"),
    ("attach lora r=8 al|", .option(call("attach", ["lora"], given: ["r"])), "al"),
    ("attach lora r: 8 al|", .option(call("attach", ["lora"], given: ["r"])), "al"),
    ("attach lora on=|", .value(of: "on", call("attach", ["lora"], given: ["on"])), ""),
    ("attach lora on = at|", .value(of: "on", call("attach", ["lora"], given: ["on"])), "at"),
    ("attach lora on: at|", .value(of: "on", call("attach", ["lora"], given: ["on"])), "at"),
    ("attach lora on=attn.q,at|", .value(of: "on", call("attach", ["lora"], given: ["on"])), "at"),
    ("attach lora on=attn.q, |", .value(of: "on", call("attach", ["lora"], given: ["on"])), ""),
    ("attach lora on=[attn.q, at|", .value(of: "on", call("attach", ["lora"], given: ["on"])), "at"),
    ("attach lora on=[attn.q,\n  at|", .value(of: "on", call("attach", ["lora"], given: ["on"])), "at"),
    ("attach lora on=[attn.q] al|", .option(call("attach", ["lora"], given: ["on"])), "al"),
    ("attach \\\n lo|", .argument(call("attach")), "lo"),
    ("compare lora,pro|", .argument(call("compare")), "pro"),
    ("atach lo|", .expression, "lo"), ("repeat 3 { at|", .verb, "at"),
    ("repeat 3 { step; attach lo|", .argument(call("attach")), "lo"),
    ("repeat 3 { sweep r = 1,2 {\n attach lora r|", .option(call("attach", ["lora"])), "r"),
    ("repeat 3 { step } |", .nothing, ""),
    ("repeat 3 { step }; ev|", .verb, "ev"), ("repeat |", .nothing, ""),
    ("sweep r = 1,|", .value(of: "r", call("sweep")), ""),
    ("let |", .nothing, ""), ("let m|", .nothing, "m"), ("let m = |", .maker, ""),
    ("let m = gp|", .maker, "gp"),
    ("let m = gpt la|", .argument(call("gpt")), "la"),
    ("let m = gpt base=|", .value(of: "base", call("gpt", given: ["base"])), ""),
    ("let y = 2 * no|", .expression, "no"), ("let y = 2*no|", .expression, "no"),
    ("until lo|", .expression, "lo"),
    ("until loss() < 1 max=|", .nothing, ""), ("until x <= lo|", .expression, "lo"),
    ("until x == lo|", .expression, "lo"),
    ("norm(blo|", .expression, "blo"), ("norm(blocks.0.at|", .expression, "blocks.0.at"),
    ("1+norm(*.at|", .expression, "*.at"),
    ("x + |", .expression, ""), ("blocks.0.|", .expression, "blocks.0."), ("x[|", .nothing, ""),
    ("norm(x) / no|", .expression, "no"),
    ("step (no|", .expression, "no"), ("hist grad(blo|", .expression, "blo"),
    ("attach lora r=(2*|", .expression, ""),
    ("attach lora r=(2*x) al|", .option(call("attach", ["lora"], given: ["r"])), "al"),
    ("top(lo|", .expression, "lo"),
    ("hist grad(x) b|", .option(call("hist", ["grad"])), "b"),
    ("?lo|", .help, "lo"), ("??lora.o|", .help, "lora.o"), ("step; ?|", .help, ""),
    ("?lora\nst|", .verb, "st"),
    ("compare @|", .model, ""), ("compare @lo|", .model, "lo"), ("@m.blo|", .path(inModel: "m"), "blo"),
    ("norm(@m.blocks.0.|", .path(inModel: "m"), "blocks.0."),
    ("x-@m|", .model, "m"), ("step # at|", .nothing, ""), ("step # at\nev|", .verb, "ev"),
    ("%7|", .nothing, "7"), ("12|", .nothing, "12"),
    ("data csv \"my fi|", .option(call("data", ["csv"])), "my fi"),
    ("data csv file=\"my fi|", .value(of: "file", call("data", ["csv"], given: ["file"])), "my fi"),
    ("gen \"a;b\" n|", .option(call("gen", ["a;b"])), "n"),
    ("gen \"a\\\"b\" n|", .option(call("gen", ["a\\\"b"])), "n"), ("x ) + (no|", .expression, "no"),
    ("show 学|", .argument(call("show")), "学"), ("学|", .verb, "学"), ("step } ] ) at|", .nothing, "at"),
  ]

  @Test(arguments: cases)
  func knows(_ marked: String, _ subject: Subject, _ partial: String) throws {
    let cursor = try #require(marked.utf8.firstIndex(of: 0x7C))
    let offset = marked.utf8.distance(from: marked.utf8.startIndex, to: cursor)
    let text = String(marked[..<cursor]) + String(marked[marked.index(after: cursor)...])
    let context = CompletionContext(text, cursor: offset, words: Corpus.words)
    #expect(context.subject == subject)
    #expect(context.partial == partial)
    #expect(context.replaced == offset - partial.utf8.count..<offset)
    #expect(context.quoted == marked.contains("\"my fi"))
  }

  @Test func aCursorWithinACharacterIsMovedBeforeIt() {
    let context = CompletionContext("学习", cursor: 4, words: Corpus.words)
    #expect(context.partial == "学")
    #expect(CompletionContext("step", cursor: 99, words: Corpus.words).partial == "step")
    #expect(CompletionContext("step", cursor: -1, words: Corpus.words).partial == "")
  }
}
