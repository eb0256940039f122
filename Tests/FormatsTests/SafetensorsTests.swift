import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct SafetensorsTests {
  static func read(_ header: String, _ data: [UInt8] = []) throws -> Safetensors {
    try Safetensors(FileBytes(safetensors(header, data)), path: "m.safetensors")
  }

  @Test func readsWhatPythonWrote() throws {
    let file = try Safetensors(Path.join(golden, "formats.safetensors"))
    #expect(file.metadata == ["format": "pt"])
    #expect(file.entries.count == 13)
    #expect(file["größe “ß”\\"]?.shape == [1])
    #expect(file["scalar"]?.shape == [])
    #expect(file["empty"]?.count == 0)
    let floats = try file.withBytes(of: "f32") { raw in
      (0..<6).map { raw.load(fromByteOffset: $0 * 4, as: Float.self) }
    }
    #expect(floats == [0, 0.25, 0.5, 0.75, 1, 1.25])
    #expect(try file.copy("bool") == [1, 0, 1, 0, 1, 0])
    #expect(try file.copy("i8") == [253, 254, 255, 0, 1, 2])
    #expect(try file.copy("bf16").suffix(2) == [0xa0, 0x3f])
  }

  @Test func writesPythonsBytes() throws {
    let path = Path.join(golden, "formats.safetensors"), disk = DiskFiles()
    let file = try Safetensors(path)
    let parts = try file.entries.reversed().map { entry in
      Safetensors.Part(entry.name, entry.dtype, entry.shape, bytes: try file.copy(entry.name))
    }
    let files = MemoryFiles.memory
    try Safetensors.write(parts, to: "/x.safetensors", files: files)
    #expect(try files.bytes(of: "/x.safetensors").array == disk.bytes(of: path).array)
  }

  @Test func mappedAndReadAreTheSame() throws {
    let path = Path.join(golden, "formats.safetensors")
    let mapped = try Safetensors(path, files: DiskFiles(mapsAbove: 0)), read = try Safetensors(path)
    #expect(mapped.entries == read.entries)
    for name in read.names { #expect(try mapped.copy(name) == read.copy(name)) }
  }

  @Test func headersNeedNoMetadataNoOrderAndNoPadding() throws {
    let file = try Self.read(
      #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}} "#,
      [0, 0, 128, 63, 7, 8])
    #expect(file.names == ["a", "b"])
    #expect(try file.copy("b") == [7, 8])
    #expect(try Self.read("{}").entries.isEmpty)
    #expect(
      try Self.read(#"{"x":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#, [0, 0, 0, 0])["x"]?.isAligned
        == false)
  }

  @Test(arguments: [
    ("", "does not begin with {"), (" {}", "does not begin with {"), ("[]", "does not begin with {"),
    ("{", "column 2"),
    (#"{"x":1}"#, "the tensor “x” is a number, not an object"),
    (#"{"x":{"shape":[],"data_offsets":[0,4]}}"#, "has no dtype"),
    (
      #"{"x":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}"#,
      "number format “F8_E4M3”, which Graft does not read"
    ),
    (#"{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "is negative or too large"),
    (#"{"x":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, "is not a list of whole numbers"),
    (
      #"{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#,
      "is negative or too large"
    ),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, "not two whole numbers"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "are reversed"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, "are reversed"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "but there are 4: it is cut short"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}"#, "not two whole numbers"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}"#, "has 3 bytes, but F32 [1] takes 4"),
    (
      #"{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"y":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
      "the tensors “x” and “y” overlap"
    ),
    (
      #"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
      "1 bytes before “y” belong to no tensor"
    ),
    (#"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, "2 bytes at its end belong to no tensor"),
    (
      #"{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
      "the key “x” stands twice"
    ),
    (
      #"{"x\n\u001b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
      "“x\\u{a}\\u{1b}” holds control characters"
    ),
    (#"{"__metadata__":{"a":1}}"#, "__metadata__ holds a number under “a”"),
    (#"{"__metadata__":[]}"#, "__metadata__ is a list, not an object"),
  ])
  func refuses(_ header: String, _ words: String) {
    expectFailure(words) { _ = try Self.read(header, [0, 0, 0, 0]) }
    expectFailure("m.safetensors") { _ = try Self.read(header, [0, 0, 0, 0]) }
  }

  @Test func refusesLengthsThatLie() {
    func open(_ bytes: [UInt8]) { _ = failure { _ = try Safetensors(FileBytes(bytes), path: "m") } }
    for count in 0..<8 {
      expectFailure("it has \(count) bytes") {
        _ = try Safetensors(FileBytes([UInt8](repeating: 2, count: count)), path: "m")
      }
    }
    expectFailure("but only 2 follow") {
      _ = try Safetensors(FileBytes([3, 0, 0, 0, 0, 0, 0, 0, 123, 125]), path: "m")
    }
    expectFailure("more than the format's limit") {
      _ = try Safetensors(FileBytes([UInt8](repeating: 255, count: 16)), path: "m")
    }
  }

  @Test func unknownNamesAndStrangeEntriesAreErrors() throws {
    let file = try Safetensors(Path.join(golden, "formats.safetensors"))
    expectFailure("Did you mean “scalar”?") { _ = try file.copy("scaler") }
    let strange = Safetensors.Entry(name: "f32", dtype: .u8, shape: [9], range: 0..<1_000_000)
    expectFailure("is not one of") { try file.withBytes(of: strange) { _ in } }
  }

  @Test func refusesToWriteWhatIsWrongAndKeepsTheOldFile() throws {
    let files = try memory(["/d/m": [1, 2, 3]])
    func write(_ parts: [Safetensors.Part]) throws { try Safetensors.write(parts, to: "/d/m", files: files) }
    expectFailure("takes 8") { try write([.init("x", .f32, [2], bytes: [1, 2, 3])]) }
    expectFailure("takes 8") { try write([.init("x", .f32, [2], bytes: [UInt8](repeating: 0, count: 12))]) }
    expectFailure("two tensors are named “x”") {
      try write([.init("x", [1], floats: [1]), .init("x", [1], floats: [1])])
    }
    expectFailure("cannot be named") { try write([.init("x\n", [1], floats: [1])]) }
    expectFailure("cannot be named") { try write([.init("__metadata__", [1], floats: [1])]) }
    expectFailure("negative or too large") { try write([.init("x", [-1], floats: [1])]) }
    #expect(try files.bytes(of: "/d/m").array == [1, 2, 3])
    #expect(try files.names(in: "/d") == ["m"])
  }

  @Test func mutatedFilesNeitherTrapNorGiveBytesOutside() throws {
    let seed = safetensors(
      #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}}"#, [UInt8](0..<12))
    var damage = Damage(seed: 11), sound = 0
    for round in 0..<50_000 {
      var bytes = damage.mutate(seed)
      if round % 4 != 0, bytes.count >= 8 {  // let the length be right, so that the header itself is reached
        let length = UInt64(max(0, bytes.count - 8 - 12))
        withUnsafeBytes(of: length.littleEndian) { bytes.replaceSubrange(0..<8, with: $0) }
      }
      do {
        let file = try Safetensors(FileBytes(bytes), path: "m")
        sound += 1
        for entry in file.entries {
          #expect(entry.range.lowerBound >= 8 && entry.range.upperBound <= bytes.count)
          #expect(try file.withBytes(of: entry) { $0.count } == entry.dtype.byteCount(of: entry.shape))
        }
      } catch is Failure {}
    }
    #expect(sound > 100)
  }
}
