import Data
import Engine
import FileSystem
import Foundation
import Options
import Testing

@testable import Formats

/// Files of Scripts/golden_gguf.py, unpacked there by the `gguf` package.
@Suite struct GGUFTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
    path: "Golden/gguf"
  ).path

  @Test func everyTypeUnpacksToTheSameBits() throws {
    let file = try GGUF(Self.folder + "/blocks.gguf"),
      expected = try Safetensors(Self.folder + "/blocks.safetensors")
    #expect(file.entries.count == GGUFType.all.count)
    for entry in file.entries {
      #expect(entry.name == entry.type.name && entry.shape == [3, 512])
      let wanted = try expected.tensor(named: entry.name)
      #expect(try file.tensor(entry).isIdentical(to: wanted), "\(entry.name)")
    }
    let half = try #require(file["BF16"])
    #expect(try file.tensor(half, packed: true).storage.format == .bf16)
  }

  @Test func factsAreReadByKind() throws {
    let facts = try GGUF(Self.folder + "/blocks.gguf").facts
    #expect(facts["a.whole"] == .integer(7) && facts["a.number"] == .number(0.5))
    #expect(facts["a.texts"] == .texts(["one", "two", "嫁接"]) && facts["a.list"] == .integers([3, -1, 4]))
    #expect(facts["a.switch"] == .bool(true) && facts["general.architecture"] == .text("test"))
  }

  @Test func theTokenizerInsideGivesTheSameIds() throws {
    let tokenizer = try #require(try GGUF(Self.folder + "/tiny.gguf").tokenizer())
    let facts = try JSON.read(Self.folder + "/tiny.json", files: .disk)
    for row in try #require(facts["tokenizer"]?.asArray) {
      let ids = row["ids"]?.asArray?.compactMap(\.asInteger) ?? []
      #expect(try tokenizer.encode(row["text"]?.asString ?? "") == ids)
    }
    #expect(tokenizer.endOfText == 2 && tokenizer.pad == 2)
    // What was made of it is a tokenizer.json like any other.
    let again = try PipelineTokenizer(tokenizer.file)
    #expect(try again.encode("a young tree 12") == tokenizer.encode("a young tree 12"))
  }

  @Test func damagedFilesAreRefusedByName() throws {
    let bytes = try DiskFiles().contents(of: Self.folder + "/blocks.gguf")
    func refused(_ bytes: [UInt8], _ word: String) {
      do {
        _ = try GGUF(FileBytes(bytes), path: "x.gguf")
        Issue.record("no error: \(word)")
      } catch { #expect((error as? Failure)?.what.contains(word) == true, "\(error)") }
    }
    refused([], "cut short")
    refused(Array("GGUX".utf8) + bytes.dropFirst(4), "does not begin with GGUF")
    refused(Array(bytes.dropLast(600)), "cut short")
    var old = bytes
    old[4] = 1
    refused(old, "version 1")
    var many = bytes
    many[8...15] = [255, 255, 255, 255, 255, 255, 0, 0]
    refused(many, "tensors")
    for length in stride(from: 0, to: bytes.count, by: 97) {
      #expect(throws: Failure.self) { try GGUF(FileBytes(Array(bytes[..<length])), path: "x.gguf") }
    }
  }
}
