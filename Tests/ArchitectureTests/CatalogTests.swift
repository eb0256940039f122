import Foundation
import Testing

/// A catalog and its folder say the same: a file that nobody lists would be a thing that nobody can use.
@Test(arguments: [
  ("Methods", "Methods/Catalog.swift", ""),
  ("Notebook/Commands", "Notebook/Commands/Catalog.swift", "Command"),
  ("Notebook/Views", "Notebook/Views/Views.swift", "View"),
  ("Training/Objectives", "Training/Objectives/Catalog.swift", ""),
])
func catalogEqualsFolder(folder: String, catalog: String, suffix: String) throws {
  let path = root.appending(path: "Sources/\(catalog)")
  guard let text = try? String(contentsOf: path, encoding: .utf8) else { return }
  let files = try sources(of: folder).filter { $0.deletingLastPathComponent().path.hasSuffix(folder) }
  for file in files where !file.lastPathComponent.contains("+") && file.lastPathComponent != "Catalog.swift" {
    let name = file.deletingPathExtension().lastPathComponent
    guard name.hasSuffix(suffix) else { continue }
    #expect(text.contains("\(name).self"), "\(catalog) has no line for \(name)")
  }
}

/// The parts of a tokenizer's file: every type of a kind stands in the catalog of its kind.
@Test(arguments: [
  ("Normalizer", "Normalizers/Normalizer.swift"), ("PreTokenizer", "PreTokenizers/PreTokenizer.swift"),
  ("TokenModel", "Models/TokenModel.swift"), ("Decoder", "Endings/Decoder.swift"),
])
func tokenizerPartsAreListed(kind: String, catalog: String) throws {
  let path = root.appending(path: "Sources/Data/Tokenizers/\(catalog)")
  let list = try String(contentsOf: path, encoding: .utf8)
  var count = 0
  for file in try sources(of: "Data/Tokenizers") {
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let words = line.split(whereSeparator: { " :{".contains($0) })
      guard words.count == 3, words[0] == "struct", words[2] == kind else { continue }
      #expect(list.contains("\(words[1]).self"), "\(catalog) has no line for \(words[1])")
      count += 1
    }
  }
  #expect(count >= 4)
}

@Test func noTrapsOutsideTheEngine() throws {
  var found: [String] = []
  for module in [
    "Options", "FileSystem", "Networks", "Methods", "Data", "Training", "Formats", "Events", "Notebook",
    "Lessons", "Terminal", "graft",
  ] {
    for file in try sources(of: module) {
      let text = try String(contentsOf: file, encoding: .utf8)
      for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let isTrap = ["fatalError(", "precondition(", "try! ", " as! "].contains { line.contains($0) }
        if isTrap && !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
          found.append("\(module)/\(file.lastPathComponent):\(i + 1)")
        }
      }
    }
  }
  #expect(found.isEmpty, "a person's input must never end the program: \(found)")
}
