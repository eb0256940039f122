import Foundation
import Methods
import Networks
import Testing

struct CatalogTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/Methods").standardizedFileURL

  @Test func everyFileHasItsLine() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".swift") && !$0.contains("+") && $0 != "Catalog.swift" }
      .map { String($0.dropLast(6)) }
    let types = Methods.all.map { String(describing: $0) }
    for file in files.sorted() where !types.contains(file) {
      Issue.record("Sources/Methods/Catalog.swift misses the line “\(file).self,”")
    }
    for type in types where !files.contains(type) {
      Issue.record("\(type) is in the catalog, but Sources/Methods/\(type).swift is missing")
    }
  }

  @Test func namesAreUniqueAndFound() throws {
    #expect(Set(Methods.names).count == Methods.names.count)
    for name in Methods.names { #expect(try Methods.named(name).card.name == name) }
    #expect(throws: (any Error).self) { try Methods.named("no-such-method") }
  }

  @Test(arguments: Methods.names) func cardsAreWhole(name: String) throws {
    let card = try Methods.named(name).card
    #expect(card.sentence.hasSuffix("."))
    #expect(!card.formula.isEmpty && !card.use.isEmpty)
    #expect(card.rate > 0 && card.rate < 1)
    #expect(!card.examples.isEmpty)
    #expect(
      card.folds == .exact || card.folds == .already || !card.notes.isEmpty, "the first note is the reason")
  }
}
