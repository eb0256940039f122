import FileSystem
import Options
import Testing

@testable import Data

/// Talks as transformers writes them, from Scripts/golden_chat.py.
@Suite struct ChatTests {
  @Test func knownTemplatesWriteTheSameText() throws {
    let path = GoldenTokenizer.folder.appendingPathComponent("chat.json").path
    let rows = try #require(try JSON.read(path, files: .disk).asArray)
    #expect(rows.count == 56)
    var kinds: Set<ChatTemplate.Kind> = []
    for row in rows {
      let template = try ChatTemplate(jinja: row["template"]?.asString ?? "")
      kinds.insert(template.kind)
      let talk = (row["talk"]?.asArray ?? []).map {
        ChatMessage($0.asArray?[0].asString ?? "", $0.asArray?[1].asString ?? "")
      }
      let text = try template.text(talk, begin: "<s>", end: "</s>", prompt: row["prompt"]?.asBool ?? false)
      #expect(
        ExactText.same(text, row["text"]?.asString ?? ""),
        "\(row["name"]?.asString ?? ""): \(text.debugDescription) for \(row["text"]?.asString?.debugDescription ?? "")"
      )
    }
    #expect(kinds == Set(ChatTemplate.Kind.allCases))
  }

  @Test func anotherTemplateIsShownByItsFirstLine() {
    let failure = #expect(throws: Failure.self) {
      try ChatTemplate(jinja: "{%- set mine = true %}\n{{ messages }}")
    }
    #expect(failure?.what.contains("{%- set mine = true %}") == true)
    #expect(throws: Failure.self) { try ChatTemplate(jinja: "<|im_start|> <|im_end|> {% if tools %}") }
  }

  @Test func aTalkOutOfTurnIsRefused() throws {
    let template = try ChatTemplate(jinja: "[INST] <<SYS>>")
    #expect(throws: Failure.self) {
      try template.text([ChatMessage("assistant", "a")], begin: "", end: "")
    }
    #expect(throws: Failure.self) { try template.text([ChatMessage("usr", "a")], begin: "", end: "") }
  }
}
