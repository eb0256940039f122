import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct SessionFileTests {
  static var parts: [Safetensors.Part] {
    [
      Safetensors.Part("b/weights", [2, 2], floats: [1, 2, 3, 4]),
      Safetensors.Part("a/weights", [2, 2], floats: [1, 2, 3, 4]),
      Safetensors.Part("flat", [4], floats: [1, 2, 3, 4]),
      Safetensors.Part("packed", .u8, [3], bytes: [9, 8, 7]),
      Safetensors.Part("empty", .f32, [0], bytes: []),
    ]
  }

  static func saved(_ text: String = "gpt\nlora r=4 # “größe”") throws -> [UInt8] {
    let files = MemoryFiles.memory
    try SessionFile.write(text: text, tensors: parts, to: "/s.graft-session", files: files)
    return try files.bytes(of: "/s.graft-session").array
  }

  @Test func roundTripStoresEqualTensorsOnce() throws {
    let session = try SessionFile(Safetensors(FileBytes(Self.saved()), path: "s"))
    #expect(session.text == "gpt\nlora r=4 # “größe”")
    #expect(session.names == ["b/weights", "a/weights", "flat", "packed", "empty"])
    #expect(session.file.entries.count == 4)  // the first two are equal, the third has another shape
    #expect(try session.entry("a/weights") == session.entry("b/weights"))
    #expect(try session.entry("flat").shape == [4])
    #expect(try session.withBytes(of: "packed") { Array($0) } == [9, 8, 7])
    #expect(SessionFile.isSession(session.file))
    #expect(try Self.saved() == Self.saved())
    expectFailure("Did you mean “flat”?") { _ = try session.entry("flut") }
  }

  @Test func theNameIsTheHashOfFormatShapeAndBytes() throws {
    let session = try SessionFile(Safetensors(FileBytes(Self.saved()), path: "s"))
    #expect(try session.entry("packed").name == SHA256.hex(Array("U8 3\n".utf8) + [9, 8, 7]))
  }

  @Test func aFlippedBitAnywhereIsFound() throws {
    let bytes = try Self.saved("x")
    var unseen: [Int] = []
    for i in bytes.indices {
      var copy = bytes
      copy[i] ^= 1
      if (try? SessionFile(Safetensors(FileBytes(copy), path: "s"))) != nil { unseen.append(i) }
    }
    // A space of the padding may turn into no other character that JSON allows, so nothing at all goes
    // unseen.
    #expect(unseen.isEmpty)
  }

  @Test func errorsSayWhatIsWrong() throws {
    func open(_ metadata: [String: String]) throws {
      let files = MemoryFiles.memory
      try Safetensors.write([], metadata: metadata, to: "/s", files: files)
      _ = try SessionFile("/s", files: files)
    }
    expectFailure("is not a session of Graft") { try open(["format": "pt"]) }
    expectFailure("version “9”") { try open(["graft": "", "graft.tensors": "{}", "graft.version": "9"]) }
    expectFailure("its text does not match its hash") {
      try open(["graft": "", "graft.tensors": "{}", "graft.version": "1"])
    }
    let bytes = try Self.saved(), at = bytes.count - 1
    expectFailure("has other bytes") {
      _ = try SessionFile(Safetensors(FileBytes(Array(bytes[..<at]) + [bytes[at] ^ 1]), path: "s"))
    }
    expectFailure("cut short") { _ = try SessionFile(Safetensors(FileBytes(Array(bytes[..<at])), path: "s")) }
    expectFailure("two tensors of the session") {
      try SessionFile.write(
        text: "", tensors: [Self.parts[0], Self.parts[0]], to: "/s", files: MemoryFiles.memory)
    }
  }
}
