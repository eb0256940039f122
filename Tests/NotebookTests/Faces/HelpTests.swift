import Events
import Methods
import Networks
import Options
import Testing

@testable import Notebook

/// Laws of help, over every catalog: no topic has a test of its own that could be forgotten.
@Suite struct HelpTests {
  /// Every topic there is with a model, and every option of everything that has some.
  private static func topics(_ pad: Notepad) -> [String] {
    let help = Help(pad.session)
    let options = help.entries.flatMap { entry in entry.options.map { entry.card.name + "." + $0.name } }
    let places = [
      "m", "attn.q", "blocks.0.attn.q", "blocks.0.attn.qkv", "blocks.1.norm1", "embed.weight", "input",
      "transformer.h.0.attn.c_attn",
    ]
    return ["", "choose", "methods", "views", "optimizers", "functions"] + help.topics + options + places
  }

  @Test(arguments: [40, 60, 80, 200]) func everyPageFits(width: Int) {
    let pad = Notepad.tiny(width: width)
    for topic in Self.topics(pad) {
      for marks in ["?", "??"] {
        let text = pad.run(marks + topic)
        #expect(!text.isEmpty && !text.contains("error:"), "\(marks)\(topic): \(text)")
        for line in text.split(separator: "\n") {
          #expect(columns(of: String(line)) <= width, "\(marks)\(topic) at \(width): \(line)")
        }
      }
    }
  }

  @Test(arguments: [40, 80]) func everyPageNamesEveryOption(width: Int) {
    for pad in [Notepad(width: width), Notepad.tiny(width: width)] {
      for entry in Help(pad.session).entries {
        for marks in ["?", "??"] {
          let text = pad.run(marks + entry.card.name)
          for option in entry.options {
            #expect(
              text.contains(option.name + "="), "\(marks)\(entry.card.name) says nothing of \(option.name)")
          }
          #expect(text.contains(entry.card.sentence.prefix(12)))
        }
      }
    }
  }

  @Test func deepPagesHaveNotesPaperAndFormula() {
    let pad = Notepad(width: 200)
    for entry in Help(pad.session).entries {
      let text = pad.run("??" + entry.card.name)
      for note in entry.card.notes + [entry.card.paper] + Help.equations(entry.card.formula)
      where !note.isEmpty && note.count < 190 {
        #expect(text.contains(StyledText(marked: note).plain), "??\(entry.card.name) lacks “\(note)”")
      }
    }
  }

  @Test func aScreenReaderGetsNoColumns() {
    let pad = Notepad.tiny(reader: true)
    #expect(pad.run("?lora").contains("r=8: rank of the change"))
    #expect(pad.run("?").contains("attach: Grafts"))
  }

  @Test func theOverviewNamesEveryVerb() {
    let pad = Notepad()
    let text = pad.run("?")
    for type in pad.session.groups.flatMap(\.commands) { #expect(text.contains("\n    \(type.card.name) ")) }
    for group in pad.session.groups { #expect(text.contains("\n  \(group.purpose)\n")) }
  }

  @Test func titlesAreInTheLanguageThatWasAskedFor() {
    let pad = Notepad()
    pad.run("set language=zh-Hans")
    #expect(pad.run("?").contains("构建与适配") && pad.run("?lora").contains("选项"))
    for group in pad.session.groups { #expect(Phrases.table[group.purpose] != nil, "\(group.purpose)") }
  }

  @Test func everyVerbOfTheLanguageIsUnderAPurpose() {
    let listed = Commands.groups.flatMap(\.commands).map { $0.card.name }
    #expect(Set(listed).count == listed.count)
    #expect(Set(listed) == Set((Commands.all + Commands.makers).map { $0.card.name }))
  }

  @Test func everyExampleCanBeTyped() throws {
    let pad = Notepad()
    for entry in Help(pad.session).entries {
      for example in entry.card.examples {
        #expect(throws: Never.self, "\(entry.card.name): \(example)") {
          try Parser.parse(example, pad.session.vocabulary)
        }
      }
    }
  }

  @Test func everyTopicThatATextPointsToIsThere() {
    let pad = Notepad()
    let known = Set(Help(pad.session).topics)
    for name in HelpLanguage.names {
      for line in HelpLanguage.text(name) ?? [] {
        for piece in line.split(separator: "`") where piece.hasPrefix("?") && !piece.contains(".") {
          #expect(known.contains(String(piece.dropFirst())), "\(piece) in ?\(name)")
        }
      }
    }
  }

  @Test(arguments: Methods.names) func whatChooseCountsIsWhatTrains(method: String) throws {
    let pad = Notepad.tiny()
    if (try? Help.count(Methods.named(method), pad.session.current().model)) == nil {
      pad.run("gpt layers=2 dim=8 heads=2 ctx=16 classes=2", "task +1,+2 rows=2 length=8")
    }
    let subject = try pad.session.current()
    let promised = try Help.count(Methods.named(method), subject.model)
    pad.run("attach \(method)")
    #expect(subject.model.trainableCount == promised)
    pad.run("undo")
    #expect(pad.run("?choose").contains(grouped(promised)))
    #expect(pad.run("?\(method)").contains("\(grouped(promised)) numbers would train"))
  }

  @Test func aPlaceTellsWhatSitsThere() {
    let pad = Notepad.tiny()
    #expect(pad.run("?blocks.0.attn.q").contains("nothing"))
    pad.run("attach lora r=2 on=attn.q", "backward")
    let text = pad.run("?blocks.0.attn.q")
    for words in [
      "part of blocks.0.attn.qkv, 8 → 8", "rows 0 to 7", "blocks.0.attn.q.lora.B  8×2, trained, ‖grad‖",
      "frozen",
    ] {
      #expect(text.contains(words), "\(words) in \(text)")
    }
    #expect(pad.run("?blocks.0.attn.qkv").contains("transformer.h.0.attn.c_attn"))
    #expect(pad.run("?attn.q").contains("2 sites of m"))
    #expect(pad.run("?lora.on").contains("by itself it goes to: attn.qkv"))
  }

  @Test(arguments: [
    ("?lorra", "?lora"), ("?atach", "?attach"), ("?lora.alhpa", "alpha"), ("?nrom", "?norm"),
    ("?bloks.0.attn.q", "?blocks.0.attn.q"),
  ])
  func anUnknownTopicHasANeighbour(typed: String, meant: String) {
    let text = Notepad.tiny().run(typed)
    #expect(text.contains("error:") && text.contains("Did you mean") && text.contains(meant), "\(text)")
  }

  @Test func deepPagesEndWithTheSource() {
    var asked: [String] = []
    let pad = Notepad(source: {
      asked.append($0); return "struct X {\n  let y = 1\n}"
    })
    #expect(pad.run("??lora").hasSuffix("  struct X {\n    let y = 1\n  }\n"))
    pad.run("??adamw", "??step", "??gpt")
    #expect(
      asked == [
        "Sources/Methods/LoRA.swift", "Sources/Training/Optimisers/AdamW.swift",
        "Sources/Notebook/Commands/StepCommand.swift", "Sources/Notebook/Commands/GPTCommand.swift",
      ])
    #expect(HelpSource.nearby("Sources/Methods/LoRA.swift")?.contains("struct LoRA") == true)
    #expect(HelpSource.nearby("Sources/../Package.swift") == nil)
  }

  @Test func helpAsAVerbAndAfterATopic() {
    let pad = Notepad()
    #expect(pad.run("help lora") == pad.run("?lora"))
    #expect(pad.run("lora?") == pad.run("?lora"))
    #expect(pad.run("lora??") == pad.run("??lora"))
    #expect(pad.run("help") == pad.run("?"))
    #expect(pad.session.timeline.entries.count == 1)
  }
}
