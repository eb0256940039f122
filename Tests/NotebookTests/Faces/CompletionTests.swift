import FileSystem
import Formats
import Methods
import Testing

@testable import Notebook

/// What Tab proposes, as tables: a cell with `|` for the cursor, and candidates.
@Suite struct CompletionTests {
  /// Candidates, complete and in order.
  static let exact: [(String, [String])] = [
    ("att|", ["attach"]), ("  und|", ["undo"]), ("step; ev|", ["eval"]),
    ("repeat 3 { st|", ["status", "step"]),
    ("attach lo|", ["lora"]), ("att pro|", ["prompt"]), ("attach |", Methods.names),
    ("attach lora r|", ["r=", "ranks=", "rslora"]), ("attach lora r=8 r|", ["ranks=", "rslora"]),
    ("attach lora rslora=|", ["yes", "no"]),
    ("attach lora init=g|", ["gaussian"]), ("attach lora alpha=|", ["8"]), ("attach bitfit n|", ["norms="]),
    ("attach lora on=attn.|", ["attn.k", "attn.o", "attn.q", "attn.qkv", "attn.v"]),
    ("attach lora on=attn.q,mlp.|", ["mlp.down", "mlp.up"]),
    ("attach lora on=blocks.1.m|", ["blocks.1.mlp.down", "blocks.1.mlp.up"]),
    ("optimizer s|", ["sgd"]), ("optimizer sgd m|", ["momentum="]),
    ("lr schedule=c|", ["constant", "cosine"]),
    ("set la|", ["language="]), ("set language=|", ["en", "zh-Hans"]), ("set seed|", ["seed="]),
    ("detach |", ["tuned"]), ("use |", ["m", "m2"]), ("eval b|", ["base"]),
    ("let x = gp|", ["gpt"]), ("let x = gpt ba|", ["base="]), ("let x = gpt base=a|", ["alphabet"]),
    (
      "norm(blocks.0.m|",
      [
        "blocks.0.mlp.add", "blocks.0.mlp.down", "blocks.0.mlp.down.", "blocks.0.mlp.up", "blocks.0.mlp.up.",
      ]
    ),
    ("bloc|", ["blocks.0", "blocks.0.", "blocks.1", "blocks.1."]),
    ("blocks.0.attn.q.tuned.|", ["blocks.0.attn.q.tuned.A", "blocks.0.attn.q.tuned.B"]),
    ("norm(wid|", ["width8"]), ("1+nor|", ["norm(", "normal(", "norm", "norm."]), ("until los|", ["loss("]),
    ("@|", ["m", "m2"]), ("@m2.emb|", ["embed", "embed."]), ("?loss|", ["loss"]),
    ("?lora.al|", ["lora.alpha", "lora.alphas"]), ("??cho|", ["choose"]),
    ("?blocks.0.norm1.w|", ["blocks.0.norm1.weight"]), ("goto |", ["here"]),
    ("run no|", ["notes.md"]), ("run sub|", ["sub/"]), ("run sub/|", ["sub/a.graft"]),
    ("run .|", [".hidden"]), ("run \"no|", ["notes.md"]),
    ("let na|", []), ("step # at|", []), ("%7|", []), ("attach lora r=zz|", []), ("std|", ["std("]),
  ]

  private static func pad() throws -> Notepad {
    let files = MemoryFiles()
    for path in ["notes.md", "sub/a.graft", ".hidden"] {
      try files.makeFolders(Path.parent(of: path))
      try files.write(path, text: "step\n")
    }
    let pad = Notepad(files: files)
    pad.run(
      "gpt layers=2 dim=8 heads=2 ctx=16", "let m2 = gpt layers=1 dim=8 heads=2 ctx=16", "use m",
      "let width8 = 8")
    pad.run("attach lora as=tuned on=attn.q", "branch here")
    return pad
  }

  @Test func proposals() throws {
    let pad = try Self.pad()
    let completion = Completion(pad.session)
    let before = pad.session.hash(), entries = pad.session.timeline.entries.count
    for (text, expected) in Self.exact where !text.isEmpty {
      let cursor =
        text.utf8.firstIndex(of: UInt8(ascii: "|")).map {
          text.utf8.distance(from: text.utf8.startIndex, to: $0)
        } ?? 0
      let typed = text.replacing("|", with: "")
      let found = completion.candidates(typed, cursor: cursor)
      #expect(found.words == expected, "\(text)")
    }
    #expect(pad.session.hash() == before && pad.session.timeline.entries.count == entries)
  }

  @Test func anEmptyLineProposesTheVerbs() throws {
    let words = Completion(try Self.pad().session).candidates("", cursor: 0).words
    let verbs = (Commands.all + Commands.makers).map { $0.card.name }
    #expect(Set(words) == Set(verbs + Vocabulary.keywords + ["width8"]))
  }

  @Test func spacesFollowWholeWordsOnly() throws {
    let completion = Completion(try Self.pad().session)
    for (text, wants) in [
      ("att", true), ("attach lora al", false), ("los", false), ("run sub", false), ("atta lo", true),
    ] {
      #expect(completion.candidates(text, cursor: text.utf8.count).wantsSpace == wants, "\(text)")
    }
  }

  /// Whatever is proposed is understood: no candidate is a verb, option or topic that does not exist.
  @Test func everyOptionThatIsProposedExists() throws {
    let pad = try Self.pad()
    let completion = Completion(pad.session)
    for entry in Help(pad.session).entries where entry.sort == "method" {
      let line = "attach \(entry.card.name) "
      let words = completion.candidates(line, cursor: line.utf8.count).words
      for option in entry.options {
        #expect(words.contains { $0 == option.name + "=" || $0 == option.name }, "\(line)\(option.name)")
      }
    }
    for topic in completion.candidates("?", cursor: 1).words {
      #expect(!pad.run("?" + topic).contains("error:"), "?\(topic)")
    }
  }

  @Test func aLargeModelAnswersAtOnce() throws {
    let pad = Notepad()
    pad.run("gpt layers=30 dim=8 heads=2 ctx=8")
    let completion = Completion(pad.session)
    let clock = ContinuousClock()
    var times: [Duration] = []
    for text in ["norm(blocks.", "norm(blocks.17.mlp.", "attach lora on=", "b", "", "?", "attach lora "] {
      for _ in 0..<5 {
        times.append(clock.measure { _ = completion.candidates(text, cursor: text.utf8.count) })
      }
    }
    times.sort()
    #expect(times[times.count / 2] < .milliseconds(10))  // unoptimised, and on a busy machine
  }
}
