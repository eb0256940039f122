import Options
import TestSupport
import Testing

@testable import FileSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct DiskFilesTests {
  @Test func onlyRegularFilesAreOpened() throws {
    try withScratch { root in
      let pipe = Path.join(root, "pipe")
      #expect(mkfifo(pipe, 0o600) == 0)
      expectFailure("is a named pipe, not a regular file") { _ = try DiskFiles().bytes(of: pipe) }
      expectFailure("is a named pipe, not a regular file") { try DiskFiles().write(pipe, text: "x") }
    }
    expectFailure("is a device, not a regular file") { _ = try DiskFiles().bytes(of: "/dev/zero") }
    expectFailure("is a device, not a regular file") { try DiskFiles().write("/dev/null", text: "x") }
  }

  @Test func theSystemsReasonIsGiven() {
    let path = "/" + String(repeating: "x", count: 300)
    let text = failure { _ = try DiskFiles().kind(at: path) }.description
    #expect(text.contains("File name too long") && text.contains("Choose a shorter name."))
  }

  @Test func exchangesWhereTheSystemCan() throws {
    try withScratch { root in
      let a = Path.join(root, "a"), b = Path.join(root, "b"), disk = DiskFiles()
      try disk.write(a, text: "A")
      try disk.write(b, text: "B")
      let did = try disk.exchange(a, b)
      #expect(try disk.text(of: a) == (did ? "B" : "A"))
      #expect(try disk.text(of: b) == (did ? "A" : "B"))
    }
  }

  @Test func rightsStayAndLinksAreReplaced() throws {
    try withScratch { root in
      let path = Path.join(root, "x"), link = Path.join(root, "link"), disk = DiskFiles()
      try disk.write(path, text: "1")
      chmod(path, 0o600)
      try disk.write(path, text: "2")
      var info = stat()
      #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o600)
      #expect(symlink(path, link) == 0)
      #expect(try disk.text(of: link) == "2")
      try disk.write(link, text: "3")
      #expect(try disk.text(of: path) == "2")
      #expect(try disk.text(of: link) == "3")
    }
  }

  @Test func twoWritersDoNotMix() throws {
    try withScratch { root in
      let path = Path.join(root, "x"), disk = DiskFiles()
      try disk.write(path) { sink in
        try Array("first".utf8).withUnsafeBytes(sink)
        expectFailure("is being written by another program") { try disk.create(path + ".graft-new") { _ in } }
      }
      #expect(try disk.text(of: path) == "first")
    }
  }

  @Test func aLinkWhereTheFileIsWrittenAsideIsNotFollowed() throws {
    try withScratch { root in
      let path = Path.join(root, "x"), other = Path.join(root, "other"), disk = DiskFiles()
      try disk.write(other, text: "precious")
      #expect(symlink(other, path + ".graft-new") == 0)
      expectFailure("cannot create") { try disk.write(path, text: "new") }
      #expect(try disk.text(of: other) == "precious")
    }
  }

  @Test func namesAreSortedByBytes() throws {
    try withScratch { root in
      for name in ["ü", "b", "A", ".z"] { try DiskFiles().write(Path.join(root, name), text: "") }
      #expect(try DiskFiles().names(in: root) == [".z", "A", "b", "ü"])
    }
  }

  @Test func wholeTreesAreRemovedAndLinksAreNotFollowed() throws {
    try withScratch { root in
      let disk = DiskFiles(), tree = Path.join(root, "tree"), other = Path.join(root, "other")
      try disk.makeFolders(Path.join(tree, "a/b"))
      try disk.makeFolder(other)
      try disk.write(Path.join(other, "precious"), text: "x")
      try disk.write(Path.join(tree, "a/b/f"), text: "x")
      #expect(symlink(other, Path.join(tree, "link")) == 0)
      #expect(symlink(Path.join(root, "nowhere"), Path.join(tree, "broken")) == 0)
      try disk.removeAll(tree)
      try disk.removeAll(tree)
      #expect(try disk.names(in: root) == ["other"])
      #expect(symlink(other, tree) == 0)
      try disk.removeAll(tree)
      #expect(try disk.names(in: root) == ["other"] && disk.names(in: other) == ["precious"])
    }
  }

  @Test(arguments: [true, false]) func foldersTakeEachOthersPlace(exchanges: Bool) throws {
    try withScratch { root in
      let disk = DiskFiles(exchanges: exchanges), place = Path.join(root, "place")
      for text in ["old", "new"] {
        try disk.makeFolders(Path.join(root, "finished/y"))
        try disk.write(Path.join(root, "finished/y/\(text)"), text: text)
        try disk.replaceFolder(place, by: Path.join(root, "finished"))
        #expect(try disk.names(in: Path.join(place, "y")) == [text])
        #expect(try disk.names(in: root) == ["place"])
      }
    }
  }

  @Test func whatIsReadWholeHasALimit() throws {
    try withScratch { root in
      let path = Path.join(root, "x"), disk = DiskFiles()
      try disk.write(path, bytes: [4])
      #expect(try disk.contents(of: path) == [4])
      expectFailure("is a folder") { _ = try disk.contents(of: root) }
      #expect(truncate(path, (256 << 20) + 1) == 0)  // a hole: it takes no room
      expectFailure("at most 268435456 are read") { _ = try disk.contents(of: path) }
    }
  }
}
