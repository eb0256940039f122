import Engine
import FileSystem
import Networks
import Options
import Testing

@testable import Formats

/// Files made by hand (`SmallONNX`) become folders that `open` reads, and damaged ones say what is wrong.
@Suite struct ONNXTests {
  private func dinov2(_ bytes: [UInt8]) throws -> DINOv2ONNX {
    try DINOv2ONNX(ONNX(FileBytes(bytes), path: "x.onnx"))
  }

  @Test func tensorsAndOperationsAreRead() throws {
    let packed = SmallONNX.field(1, SmallONNX.number(2) + SmallONNX.number(300))  // sizes in one field
    let graph =
      SmallONNX.tensor("a", [1, 3], [1, 2, 3])
      + SmallONNX.field(5, packed + SmallONNX.field(2, 1) + SmallONNX.field(8, "b"))
      + SmallONNX.node("/m/MatMul", "MatMul", ["x", "a"])
    let file = try ONNX(FileBytes(SmallONNX.model(graph)), path: "x.onnx")
    #expect(file.constants.map(\.name) == ["a", "b"] && file.constants.map(\.shape) == [[1, 3], [2, 300]])
    #expect(file.nodes.map(\.operation) == ["MatMul"] && file.nodes[0].inputs == ["x", "a"])
    #expect(try file.floats(of: file.constants[0]) == [1, 2, 3])
    #expect(throws: Failure.self) { try file.floats(of: file.constants[1]) }
  }

  @Test func aSmallModelBecomesAFolderWithTheSameNumbers() throws {
    let (bytes, tensors) = SmallONNX.dinov2(), files = MemoryFiles()
    let model = try dinov2(bytes)
    #expect((model.form.width, model.form.heads, model.form.layers, model.form.inner) == (64, 1, 1, 128))
    #expect((model.form.size, model.form.patch, model.form.channels) == (4, 2, 1))
    try model.write(to: "made", files: files)
    let written = try Safetensors("made/model.safetensors", files: files)
    #expect(Set(written.names) == Set(tensors.keys))
    for (name, wanted) in tensors {
      #expect(try written.entry(name).shape == wanted.shape, "\(name)")
      #expect(try written.copy(name) == SmallONNX.raw(wanted.floats), "\(name)")
    }
    let base = try BaseFolder("made", head: 3, chance: Chance(seed: 1), files: files)
    #expect(base.report.unknown.isEmpty && base.report.tensors == tensors.count)
    #expect(base.report.drawn == ["head.weight", "head.bias"])
    let pixels = try Tensor([1, 1, 4, 4], SmallONNX.numbers([16], from: 3))
    #expect(try base.model.logits(Input(pixels: pixels), Pass()).shape == [1, 3])
  }

  @Test func whatIsWrongIsSaid() throws {
    func refused(_ bytes: [UInt8], _ word: String) {
      do {
        _ = try dinov2(bytes).write(to: "made", files: MemoryFiles())
        Issue.record("no error: \(word)")
      } catch {
        let failure = error as? Failure
        #expect(failure?.what.contains(word) == true && failure?.what.contains("x.onnx") == true, "\(error)")
      }
    }
    let whole = SmallONNX.dinov2().bytes
    refused([], "it holds no tensors")
    refused(Array(whole.dropLast(9)), "goes past the end")
    refused([0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "a number does not end")
    refused([0x3F], "unknown form 7")
    refused(SmallONNX.dinov2(format: 10).bytes, "numbers of kind 10, not float32")
    refused(SmallONNX.dinov2(leaving: "layernorm.bias").bytes, "it lacks 1 of 24 tensors: layernorm.bias")
    refused(SmallONNX.dinov2(leaving: "encoder.layer.0.norm1.weight").bytes, "encoder.layer.0.norm1.weight")
    refused(SmallONNX.model(SmallONNX.tensor("a", [1], [1])), "reads a table of positions")
    let twice = SmallONNX.tensor("a", [1], [1]) + SmallONNX.tensor("a", [1], [2])
    refused(SmallONNX.model(twice), "two tensors are named")
    let huge = SmallONNX.tensor("a", [1 << 39, 1 << 39, 1 << 39], [1])
    refused(
      SmallONNX.model(
        huge + SmallONNX.node("/backbone/embeddings/Concat", "Concat", ["a"])
          + SmallONNX.node("/backbone/embeddings/Reshape", "Reshape", ["a"])),
      "no embeddings.patch_embeddings")
    refused(
      SmallONNX.model(SmallONNX.tensor("a", [Int](repeating: 1, count: 9), [1])), "sizes that cannot be")
  }

  /// Every cut, and every byte of the head changed, ends in a failure or in a model, never in a trap.
  @Test func noBytesTrap() throws {
    let whole = SmallONNX.dinov2().bytes
    for count in stride(from: 0, to: whole.count, by: 997) {
      #expect(throws: Failure.self) { try dinov2(Array(whole[..<count])) }
    }
    for place in stride(from: 0, to: whole.count, by: 409) {
      for value: UInt8 in [0, 0x7F, 0xFF] {
        var changed = whole
        changed[place] = value
        do { try dinov2(changed).write(to: "made", files: MemoryFiles()) } catch { #expect(error is Failure) }
      }
    }
  }
}
