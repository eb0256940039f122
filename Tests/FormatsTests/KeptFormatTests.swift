import Engine
import FileSystem
import Networks
import TestSupport
import Testing

@testable import Formats

/// Bases whose matrices stay in 16 bits in memory.
@Suite struct KeptFormatTests {
  private let chance = Engine.Chance(seed: 1)

  @Test(arguments: [Storage.Format.bf16, .f16]) func matricesStayAndComputeAsRounded(_ keep: Storage.Format)
    throws
  {
    let files = MemoryFiles.memory
    let model = try tinyModel()
    try BaseFolder.write(model, to: "/m", files: files)
    let whole = try BaseFolder("/m", chance: chance, files: files)
    let kept = try BaseFolder("/m", keep: keep, chance: chance, files: files)
    for (a, b) in zip(whole.model.directory.parameters, kept.model.directory.parameters) {
      let isMatrix = a.shape.count > 1
      #expect(b.value.storage.format == (isMatrix ? keep : .f32), "\(b.name)")
      #expect(
        b.value.isIdentical(to: isMatrix ? a.value.packed(as: keep).packed(as: .f32) : a.value), "\(b.name)")
      a.value = b.value.packed(as: .f32)
    }
    // Numbers rounded once and computed in float32 are the same numbers, wherever they lie.
    let input = whole.model.sample(6)
    let logits = try whole.model.logits(input, Pass())
    #expect(try kept.model.logits(input, Pass()).largestDifference(from: logits) < 1e-5)
    let need = try BaseFolder.footprint("/m", keep: keep, files: files).bytes
    let held = kept.model.directory.parameters.reduce(0) {
      $0 + $1.value.storage.format.bytes($1.value.count)
    }
    #expect(need == held && need < 4 * kept.model.baseCount)
  }

  @Test func aFileOfTheSameFormatIsUsedInPlace() throws {
    try withScratch { folder in
      try BaseFolder.write(try tinyModel(), to: folder + "/m", as: .bf16)
      let base = try BaseFolder(folder + "/m", keep: .bf16, chance: chance, files: DiskFiles(mapsAbove: 0))
      let embed = try #require(base.model.directory.parameters.first { $0.value.shape == [40, 16] })
      // Somebody else's memory: the mapped file's, which costs nothing until it is read.
      #expect(embed.value.storage.held == embed.value.storage.format.bytes(embed.value.count))
    }
  }
}
