import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct ShardedTensorsTests {
  static func file(_ names: String...) -> [UInt8] {
    let entries = names.enumerated().map { i, name in
      "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\(i),\(i + 1)]}"
    }
    return safetensors("{" + entries.joined(separator: ",") + "}", names.map { $0.utf8.first ?? 0 })
  }

  static func index(_ map: String) -> [UInt8] { Array("{\"metadata\":{},\"weight_map\":{\(map)}}".utf8) }

  @Test func readsOneFileOrShards() throws {
    let one = try ShardedTensors(folder: "/m", files: memory(["/m/model.safetensors": Self.file("a", "b")]))
    #expect(one.names == ["a", "b"])
    let files = try memory([
      "/m/model.safetensors.index.json": Self.index(#""b":"2.safetensors","a":"1.safetensors""#),
      "/m/1.safetensors": Self.file("a", "extra"), "/m/2.safetensors": Self.file("b"),
    ])
    let two = try ShardedTensors(folder: "/m", files: files)
    #expect(two.names == ["a", "b"])
    #expect(two.unlisted == ["extra"])
    let (file, entry) = try two.find("b")
    #expect(try file.withBytes(of: entry) { Array($0) } == Array("b".utf8))
    expectFailure("no tensor “c”") { _ = try two.find("c") }
  }

  @Test(arguments: [
    "../x.safetensors", "a/x.safetensors", "/x.safetensors", "..", "", "x.txt", "a\\\\x.safetensors",
  ])
  func refusesShardsOutsideTheFolder(_ name: String) throws {
    let files = try memory(["/m/model.safetensors.index.json": Self.index("\"a\":\"\(name)\"")])
    expectFailure("not the plain name") { _ = try ShardedTensors(folder: "/m", files: files) }
  }

  @Test func saysWhatIsMissing() throws {
    let index = "/m/model.safetensors.index.json"
    func open(_ contents: [String: [UInt8]]) throws {
      _ = try ShardedTensors(folder: "/m", files: memory(contents))
    }
    let map = Self.index(#""a":"1.safetensors""#)
    expectFailure("“/m” lacks 1 of the 1 files") { try open([index: map]) }
    expectFailure("which does not have it") { try open([index: map, "/m/1.safetensors": Self.file("b")]) }
    expectFailure("has no weight_map") { try open([index: Array("{}".utf8)]) }
    expectFailure("is a number, not a name") { try open([index: Self.index("\"a\":1")]) }
    expectFailure("is a pickle") { try open([index: Self.index(#""a":"pytorch_model-1.bin""#)]) }
    expectFailure("there is no “/m/model.safetensors”") { try open(["/m/config.json": []]) }
  }
}
