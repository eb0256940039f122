import Foundation
import Testing
import Texts

/// `Sources/CTexts/list.h` and the folders say the same: a lesson that nobody lists would not be in the program.
@Suite struct EmbeddedTextsTests {
  private static func files(_ folder: String, _ ending: String) -> [String] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    return names.filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
  }

  private static var bases: [String] {
    files("lessons/models", "").filter {
      FileManager.default.fileExists(atPath: root.appending(path: $0 + "/config.json").path)
    }
  }

  private static var wanted: [String] {
    files("Sources/Methods", ".swift") + files("lessons/en", ".md") + files("lessons/zh-Hans", ".md")
      + bases.flatMap { base in
        // A model of pictures has no tokenizer.
        ["config.json", "model.safetensors", "tokenizer.json"].map { "\(base)/\($0)" }
          .filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
      }
  }

  @Test func theListNamesEveryFile() {
    for name in Self.wanted {
      #expect(
        Texts.names.contains(name),
        "Sources/CTexts/list.h lacks:\n#define FILE \"../../\(name)\"\n#include \"file.h\"")
    }
  }

  @Test func theListNamesNothingElse() {
    let wanted = Self.wanted
    for name in Texts.names { #expect(wanted.contains(name), "\(name) in list.h is no text of the project") }
    #expect(Set(Texts.names).count == Texts.names.count, "list.h names a file twice")
  }

  @Test func theBytesAreThoseOfTheFiles() throws {
    for name in Texts.names {
      let bytes = try #require(Texts.bytes(name))
      #expect(try Data(contentsOf: root.appending(path: name)).elementsEqual(bytes), "\(name)")
    }
    #expect(Texts.text("Sources/Methods/LoRA.swift")?.contains("struct LoRA") == true)
    #expect(Texts.bytes("lessons") == nil && Texts.text("") == nil)
  }
}
