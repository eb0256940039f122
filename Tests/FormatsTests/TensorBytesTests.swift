import Engine
import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct TensorBytesTests {
  /// Awkward numbers: zeros of both signs, the smallest, the largest, thirds.
  static let odd: [Float] = [
    0, -0.0, 1 / 3, -2 / 3, .leastNonzeroMagnitude, -.leastNormalMagnitude, 65504, -0.1,
  ]

  @Test(arguments: [0, Int.max])
  func f32ComesBackBitForBit(_ mapsAbove: Int) throws {
    try withScratch { folder in
      let path = Path.join(folder, "m.safetensors"), tensor = try Tensor([2, 4], Self.odd)
      try Safetensors.write([.init("x", tensor), .init("none", Tensor([0, 3], []))], to: path)
      let file = try Safetensors(path, files: DiskFiles(mapsAbove: mapsAbove))
      let back = try file.tensor(named: "x")
      #expect(back.shape == [2, 4])
      #expect(back.scalars.map(\.bitPattern) == Self.odd.map(\.bitPattern))
      #expect(try file.tensor(named: "none").shape == [0, 3])
      #expect(file["x"]?.dtype == .f32)
    }
  }

  @Test(arguments: [Storage.Format.bf16, .f16])
  func packedFormatsRoundOnce(_ format: Storage.Format) throws {
    let files = MemoryFiles.memory, tensor = try Tensor([8], Self.odd)
    try Safetensors.write([.init("x", tensor, as: format)], to: "/m", files: files)
    let file = try Safetensors("/m", files: files)
    #expect(file["x"]?.dtype == DType(format))
    let back = try file.tensor(named: "x")
    #expect(back.storage.format == .f32)
    #expect(back.scalars == tensor.packed(as: format).scalars)
    let kept = try file.tensor(named: "x", packed: true)
    #expect(kept.storage.format == format)
    try Safetensors.write([.init("x", kept, as: format)], to: "/n", files: files)
    #expect(try files.bytes(of: "/n").array == files.bytes(of: "/m").array)
  }

  @Test func slicesWriteTheirOwnNumbers() throws {
    let files = MemoryFiles.memory, whole = try Tensor([2, 4], Self.odd)
    try Safetensors.write([.init("x", whole.slice(axis: 0, 1..<2))], to: "/m", files: files)
    #expect(try Safetensors("/m", files: files).tensor(named: "x").scalars == Array(Self.odd[4...]))
  }

  @Test func unalignedNumbersAreRead() throws {
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#
    let file = try Safetensors(FileBytes(safetensors(header, [9, 0, 0, 128, 63])), path: "m")
    #expect(try file.tensor(named: "x").scalars == [1])
  }

  @Test func wrongFormatsAndTooLargeNumbersAreRefused() throws {
    let file = try Safetensors(Path.join(golden, "formats.safetensors"))
    expectFailure("“i64” is I64") { _ = try file.tensor(named: "i64") }
    expectFailure("Did you mean “scalar”?") { _ = try file.tensor(named: "scaler") }
    #expect(try file.tensor(named: "scalar").item == 2.5)
    #expect(try file.tensor(named: "bf16").scalars == file.tensor(named: "f32").scalars)
    #expect(try file.tensor(named: "f16").scalars == file.tensor(named: "f32").scalars)
    expectFailure("too large for F16") {
      try Safetensors.write([.init("x", Tensor([1], [1e6]), as: .f16)], to: "/m", files: MemoryFiles.memory)
    }
  }

  @Test func aSessionGivesItsTensors() throws {
    let files = MemoryFiles.memory, tensor = try Tensor([8], Self.odd)
    try SessionFile.write(
      text: "", tensors: [.init("w", tensor), .init("p", tensor, as: .bf16)], to: "/s", files: files)
    let session = try SessionFile("/s", files: files)
    #expect(try session.tensor(named: "w").hash() == tensor.hash())
    #expect(try session.tensor(named: "p").storage.format == .bf16)
  }
}
