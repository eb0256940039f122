import Options
import TestSupport
import Testing

@testable import FileSystem

/// A crash or a full disk at any change leaves the old or the new, never half.
@Suite struct CrashTests {
  static let survivals = MemoryFiles.Survival.allCases

  func file(_ files: any Files, _ path: String) -> String? { try? files.text(of: path) }

  @Test func oneFile() throws {
    let changes = try everyCrash(
      { try memory(["/d/x": Array("old old".utf8)]) },
      { files in
        try files.write("/d/x") { sink in for _ in 0..<3 { try Array("new".utf8).withUnsafeBytes(sink) } }
      },
      { files, note in
        let text = file(files, "/d/x")
        #expect(text == "old old" || text == "newnewnew", note)
        try files.write("/d/x", text: "later")  // what lies about does not hinder the next writing
        #expect(file(files, "/d/x") == "later", note)
        #expect(try files.names(in: "/d") == ["x"], note)
      })
    #expect(changes == 7)  // create, three pieces, sync, rename, sync of the folder
  }

  @Test func aNewFileIsThereOrNot() throws {
    _ = try everyCrash(
      { try memory(["/d/other": []]) }, { try $0.write("/d/x", text: "new") },
      { files, note in #expect([nil, "new"].contains(file(files, "/d/x")), note) })
  }

  @Test func onceWrittenItStays() throws {
    for survival in Self.survivals {
      let files = try memory(["/d/x": Array("old".utf8)])
      try files.write("/d/x", text: "new")
      #expect(file(files.restarted(survival), "/d/x") == "new")
      try files.writeFolder("/d/a", [FolderPart("one", text: "1")])
      #expect(file(files.restarted(survival), "/d/a/one") == "1")
    }
  }

  @Test(arguments: [true, false])
  func aFolder(exchanges: Bool) throws {
    func save(_ files: any Files, _ text: String) throws {
      try files.writeFolder("/d/a", [FolderPart("one", text: text), FolderPart("two", text: text)])
    }
    let changes = try everyCrash(
      {
        let files = try memory(
          ["/d/a/notes": Array("mine".utf8), "/d/a/one": [], "/d/a/two": []], exchanges: exchanges)
        try save(files, "old")
        return files
      }, { try save($0, "new") },
      { files, note in
        // Read first, or written again at once: both must come out right.
        let again = files.restarted(.programEnded)
        try save(again, "again")
        #expect(file(again, "/d/a/notes") == "mine", note)
        try files.recoverFolder("/d/a")
        let one = file(files, "/d/a/one"), two = file(files, "/d/a/two")
        #expect(one == two && (one == "old" || one == "new"), note)
        #expect(file(files, "/d/a/notes") == "mine", note)
        try save(files, "later")
        #expect(file(files, "/d/a/one") == "later", note)
        #expect(file(files, "/d/a/notes") == "mine", note)
        #expect(try files.names(in: "/d") == ["a"], note)
      })
    #expect(changes > 12)
  }

  @Test func aFullDiskLeavesTheOldOrTheNew() throws {
    for n in 1...40 {
      let files = try memory(["/d/a/one": Array("old".utf8), "/d/x": Array("old".utf8)])
      files.begin(.fails(at: n))
      do {
        try files.write("/d/x", text: "new")
        try files.writeFolder("/d/a", [FolderPart("one", text: "new")])
      } catch let error as Failure { #expect(error.what.contains("No space left"), "\(error)") }
      #expect(["old", "new"].contains(file(files, "/d/x")))
      #expect(["old", "new"].contains(file(files, "/d/a/one")))
      files.begin()
      try files.writeFolder("/d/a", [FolderPart("one", text: "later")])
      #expect(try files.names(in: "/d") == ["a", "x"])
    }
  }
}
