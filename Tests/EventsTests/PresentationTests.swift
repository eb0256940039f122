import Events
import Testing

struct PresentationTests {
  let terminal = ["TERM": "xterm-256color", "LANG": "en_GB.UTF-8"]

  func made(_ extra: [String: String] = [:], isTerminal: Bool = true, columns: Int? = 120) -> Presentation {
    Presentation(
      environment: terminal.merging(extra) { $1 }, isTerminal: isTerminal, columns: columns)
  }

  @Test func defaults() {
    let p = Presentation()
    #expect(p.width == 80 && !p.colour && p.unicode && !p.reader && p.digits == 3 && p.language == .en)
  }

  @Test func widthIsKeptInBounds() {
    #expect(Presentation(width: 3).width == 40)
    var p = Presentation(width: 1000)
    #expect(p.width == 200)
    p.width = -1
    #expect(p.width == 40)
    #expect(made().width == 120)
    #expect(made(isTerminal: false).width == 80)
    #expect(made(["COLUMNS": "66"]).width == 66)
    #expect(made(["COLUMNS": "x"]).width == 120)
    #expect(made(["COLUMNS": "0"], columns: 0).width == 80)
    #expect(Presentation(digits: 99).digits == 17)
  }

  @Test func colour() {
    #expect(made().colour)
    #expect(!made(isTerminal: false).colour)
    #expect(!made(["NO_COLOR": "1"]).colour)
    #expect(made(["NO_COLOR": ""]).colour)
    #expect(!made(["TERM": "dumb"]).colour)
    #expect(!made(["TERM": ""]).colour)
  }

  @Test func characters() {
    #expect(made().unicode)
    #expect(made(["LANG": "zh_CN.utf8"]).unicode)
    #expect(made(["LANG": "ca_ES.UTF-8@valencia"]).unicode)
    #expect(!made(["LANG": "C"]).unicode)
    #expect(!made(["LC_ALL": "POSIX"]).unicode)
    #expect(made(["LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"]).unicode)
    #expect(!Presentation(environment: [:], isTerminal: true).unicode)
  }

  @Test func languageAndReader() {
    #expect(made(["LANG": "zh_CN.UTF-8"]).language == .zhHans)
    #expect(made(["LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"]).language == .en)
    #expect(made(["LC_MESSAGES": "zh_SG"]).language == .zhHans)
    #expect(made(["GRAFT_READER": "1"]).reader && made(["GRAFT_READER": "On"]).reader)
    #expect(!made(["GRAFT_READER": "0"]).reader && !made().reader)
  }
}

struct PhrasesTests {
  @Test func noneIsMissing() {
    for (key, row) in Phrases.table {
      for language in Language.allCases {
        #expect(row[language]?.isEmpty == false, "\(key) in \(language.rawValue)")
      }
    }
  }

  /// A translation has the same places for values.
  @Test func samePlaces() {
    for (key, row) in Phrases.table {
      let places = row.values.map { $0.matches(of: /\{[0-9]\}/).map { String($0.output) }.sorted() }
      #expect(Set(places).count == 1, "\(key)")
    }
  }

  @Test func filling() {
    #expect(Phrases.text("falls", .en, ["0.098", "0.002"]) == "falls from 0.098 to 0.002")
    #expect(Phrases.text("of", .zhHans, ["步", "3", "9"]) == "第 3 步，共 9")
    #expect(Phrases.text("falls", .en, ["{2}", "{1}"]) == "falls from {2} to {1}")
    #expect(Phrases.text("falls", .en, ["x"]) == "falls from x to {2}")
    #expect(Phrases.text("no such phrase", .zhHans) == "no such phrase")
  }
}
