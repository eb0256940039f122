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
