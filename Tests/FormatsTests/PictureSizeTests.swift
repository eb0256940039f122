import Engine
import FileSystem
import Networks
import Options
import Testing

@testable import Formats

/// A vision model opened for pictures of another size than its file's.
@Suite struct PictureSizeTests {
  static let folder = Path.join(golden, "encoders")

  private func open(_ name: String, size: Int?) throws -> BaseFolder {
    try BaseFolder(Path.join(Self.folder, name), size: size, chance: Chance(seed: 1))
  }

  /// What transformers answers with when it is shown larger pictures (Scripts/golden_encoders.py).
  @Test func largerPicturesAreReadAsTransformersReadsThem() throws {
    let facts = try JSON.read(Self.folder + "/facts.json", files: .disk)["dinov2-wide"]
    func floats(_ key: String) -> [Float] {
      facts?[key]?.asArray?.compactMap { $0.asNumber.map(Float.init) } ?? []
    }
    let base = try open("dinov2", size: 12)
    let pixels = try Tensor([1, 2, 12, 12], floats("pixels"))
    let found = try base.model.logits(Input(pixels: pixels), Pass()).plain.scalars, wanted = floats("logits")
    #expect(found.count == wanted.count && !wanted.isEmpty)
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(base.report.notes.contains { $0.contains("3×3 patches") && $0.contains("2×2, was resampled") })
    #expect(base.model.size("image_size") == 12)
    // Written and opened again, it is a model of that size.
    let files = MemoryFiles()
    try BaseFolder.write(base.model, to: "/wide", files: files)
    let again = try BaseFolder("/wide", chance: Chance(seed: 2), files: files)
    #expect(try again.model.logits(Input(pixels: pixels), Pass()).plain.scalars == found)
  }

  @Test func theSizeOfTheFileChangesNothing() throws {
    let (plain, same) = (try open("dinov2", size: nil), try open("dinov2", size: 8))
    #expect(
      zip(plain.model.directory.parameters, same.model.directory.parameters).allSatisfy {
        $0.value.hash() == $1.value.hash()
      })
    #expect(same.report.notes == plain.report.notes)
  }

  @Test func whatCannotBeIsSaid() throws {
    let odd = #expect(throws: Failure.self) { try open("dinov2", size: 10) }
    #expect(odd?.what.contains("no multiple") == true && odd?.cure == "size=12")
    let text = #expect(throws: Failure.self) { try open("bert", size: 56) }
    #expect(text?.what.contains("no vision transformer") == true)
  }
}
