import Options
import TestSupport
import Testing

@testable import FileSystem

@Suite struct PathTests {
  @Test func partsOfPaths() {
    #expect(Path.parent(of: "/a/b") == "/a")
    #expect(Path.parent(of: "/a") == "/")
    #expect(Path.parent(of: "a") == ".")
    #expect(Path.parent(of: "a//b/") == "a")
    #expect(Path.last(of: "/a/b//") == "b")
    #expect(Path.last(of: "/") == "")
    #expect(Path.join("/", "a") == "/a")
    #expect(Path.join("x", "a") == "x/a")
  }

  @Test(arguments: ["", ".", "..", "a/b", "/", "a\u{0}", "a\n", "a\u{9b}"])
  func notPlain(_ name: String) { #expect(!Path.isPlainName(name)) }

  @Test func namesFromOutsideCannotSteerTheTerminal() {
    #expect(shown("a\u{1b}[31m\n") == "“a\\u{1b}[31m\\u{a}”")
    #expect(shown(String(repeating: "x", count: 500)).count == 203)
  }
}

@Suite struct UTF8CheckTests {
  @Test func theMarkAtTheStartIsLeftOut() throws {
    #expect(try UTF8Check.text([0xef, 0xbb, 0xbf, 0x61], of: "t") == "a")
    #expect(try UTF8Check.text(Array("\u{fffd}\u{feff}".utf8), of: "t") == "\u{fffd}\u{feff}")
    expectFailure("t: line 2 is not UTF-8 (byte 4).") {
      _ = try UTF8Check.text([0xef, 0xbb, 0xbf, 0x0a, 0xff], of: "t")
    }
  }
}

/// What both file systems promise.
@Suite struct FilesTests {
  func both(_ body: (any Files, String) throws -> Void) throws {
    try body(MemoryFiles(), "/")
    try body(MemoryFiles(exchanges: false), "/")
    try withScratch { try body(DiskFiles(), $0) }
    try withScratch { try body(DiskFiles(mapsAbove: 0, exchanges: false), $0) }
  }

  @Test func writesAndReads() throws {
    try both { files, root in
      let path = Path.join(root, "x")
      try files.write(path, bytes: [1, 2, 3])
      #expect(try files.bytes(of: path).array == [1, 2, 3])
      try files.write(path, text: "größer")
      #expect(try files.text(of: path) == "größer")
      #expect(try files.size(of: path) == 8)
      try files.write(path, bytes: [])
      #expect(try files.bytes(of: path).count == 0)
      #expect(try files.names(in: root) == ["x"])
      #expect(try files.kind(at: Path.join(root, "y")) == nil)
      #expect(try files.kind(at: Path.join(path, "y")) == nil)
    }
  }

  @Test func makesFolders() throws {
    try both { files, root in
      let path = Path.join(root, "a/b/c")
      try files.makeFolders(path)
      try files.makeFolders(path)
      #expect(try files.kind(at: path) == .folder)
      try files.write(Path.join(path, "f"), text: "x")
      expectFailure("is not a folder") { try files.makeFolders(Path.join(path, "f")) }
      expectFailure("is a folder") { try files.write(path, text: "x") }
      expectFailure("is a folder, not a regular file") { _ = try files.bytes(of: path) }
    }
  }

  @Test func errorsNamePathReasonAndCure() throws {
    try both { files, root in
      try files.write(Path.join(root, "model"), text: "x")
      expectFailure("Did you mean “model”?") { _ = try files.bytes(of: Path.join(root, "modle")) }
      expectFailure("There is no folder") { _ = try files.bytes(of: Path.join(root, "no/x")) }
      expectFailure("there is no folder “\(Path.join(root, "no"))”") {
        try files.write(Path.join(root, "no/x"), text: "")
      }
      expectFailure("there is no folder “\(Path.join(root, "no"))”") {
        try files.writeFolder(Path.join(root, "no/x"), [])
      }
      expectFailure("path is empty") { _ = try files.kind(at: "") }
      expectFailure("zero character") { _ = try files.kind(at: "a\u{0}b") }
      try files.create(Path.join(root, "raw")) { sink in try [UInt8(0xff)].withUnsafeBytes(sink) }
      expectFailure("“\(Path.join(root, "raw"))”: line 1 is not UTF-8 (byte 0).") {
        _ = try files.text(of: Path.join(root, "raw"))
      }
    }
  }

  @Test func aFailingFillLeavesTheOldAndNothingElse() throws {
    try both { files, root in
      let path = Path.join(root, "x")
      try files.write(path, text: "old")
      expectFailure("mine") {
        try files.write(path) { sink in
          try [UInt8(1)].withUnsafeBytes(sink)
          throw Failure("mine")
        }
      }
      #expect(try files.text(of: path) == "old")
      #expect(try files.names(in: root) == ["x"])
    }
  }

  @Test func replacesFoldersAndKeepsWhatIsNotOurs() throws {
    try both { files, root in
      let path = Path.join(root, "a")
      try files.writeFolder(path, [FolderPart("one", text: "1"), FolderPart("two", text: "2")])
      try files.write(Path.join(path, "notes"), text: "mine")
      try files.writeFolder(path + "/", [FolderPart("one", text: "11")])
      #expect(try files.names(in: path) == ["notes", "one", "two"])
      #expect(try files.text(of: Path.join(path, "one")) == "11")
      #expect(try files.text(of: Path.join(path, "notes")) == "mine")
      #expect(try files.names(in: root) == ["a"])
    }
  }

  @Test func foldersOfOthersAreRefused() throws {
    try both { files, root in
      func save(_ name: String) throws { try files.writeFolder(name, [FolderPart("one", text: "1")]) }
      let home = Path.join(root, "home"), deep = Path.join(root, "deep"), file = Path.join(root, "file")
      try files.makeFolder(home)
      try files.write(Path.join(home, "letter"), text: "dear")
      expectFailure("holds other things, such as “letter”") { try save(home) }
      try save(deep)
      try files.makeFolder(Path.join(deep, "inside"))
      expectFailure("“inside”, which is not a regular file") { try save(deep) }
      try files.write(file, text: "x")
      expectFailure("is not a folder") { try save(file) }
      for name in [".", "..", "/", root + "/.."] {
        expectFailure("cannot be replaced as a whole") { try save(name) }
      }
      // Somebody's own folder where ours would be written aside.
      let free = Path.join(root, "free")
      try files.makeFolder(free + ".new")
      try files.write(Path.join(free + ".new", "precious"), text: "x")
      expectFailure("is in the way") { try save(free) }
      #expect(try files.text(of: Path.join(free + ".new", "precious")) == "x")
    }
  }
}
