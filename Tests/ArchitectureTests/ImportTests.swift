import Foundation
import Testing

/// The module list is the architecture: what each may import, from the design's table.
private let allowed: [String: Set<String>] = [
  "Options": [],
  "FileSystem": ["Options"],
  "Engine": ["COpenBLAS", "CKernels"],
  "Networks": ["Engine", "Options"],
  "Methods": ["Engine", "Networks", "Options"],
  "Data": ["FileSystem", "Options"],
  "Training": ["Engine", "Networks", "Data", "Options"],
  "Formats": ["Engine", "Networks", "Methods", "Data", "Training", "FileSystem", "Options", "Texts"],
  "Events": ["FileSystem", "Options"],
  "Notebook": [
    "Options", "FileSystem", "Engine", "Networks", "Methods", "Data", "Training", "Formats", "Events",
    "Texts",
  ],
  "Lessons": ["Notebook", "Events", "Formats", "FileSystem", "Options", "Texts"],
  "Terminal": ["Events", "CLine"],
  "Texts": ["CTexts"],
  "graft": ["Notebook", "Events", "Lessons", "Terminal", "Options", "Data"],
]

private let system: Set<String> = [
  "Glibc", "Darwin", "Foundation", "FoundationEssentials", "Synchronization",
]

@Test func nothingImportsUpward() throws {
  var wrong: [String] = []
  for (module, may) in allowed {
    for file in try sources(of: module) {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at + 1 < words.count, at <= 1 else { continue }
        let name = String(words[at + 1])
        if !may.contains(name) && !system.contains(name) {
          wrong.append("\(module)/\(file.lastPathComponent) imports \(name)")
        }
      }
    }
  }
  #expect(wrong.isEmpty, "\(wrong)")
}

@Test func everyModuleIsInTheTable() throws {
  let folders = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
  let swift = try folders.filter { try !sources(of: $0).isEmpty }
  #expect(Set(swift).subtracting(allowed.keys) == [], "modules without a row in the table of imports")
}

@Test func methodsAndTrainingNeverSeeEachOther() throws {
  #expect(allowed["Methods"]?.contains("Training") == false)
  #expect(allowed["Training"]?.contains("Methods") == false)
}

@Test func everyModuleSaysWhatItIsFor() throws {
  for module in allowed.keys {
    let readme = root.appending(path: "Sources/\(module)/README.md")
    guard FileManager.default.fileExists(atPath: root.appending(path: "Sources/\(module)").path) else {
      continue
    }
    let text = (try? String(contentsOf: readme, encoding: .utf8)) ?? ""
    #expect(
      text.split(separator: "\n").count >= 3,
      "\(module)/README.md should say purpose, what to read first, imports")
  }
}

let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

func sources(of module: String) throws -> [URL] {
  let folder = root.appending(path: "Sources/\(module)")
  guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else {
    return []
  }
  return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
}
