import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct HuggingFaceCacheTests {
  private func made(_ files: MemoryFiles, _ environment: [String: String]) -> HuggingFaceCache? {
    HuggingFaceCache(files: files) { environment[$0] }
  }

  @Test func itsPlaceIsWhereTheLibrariesHaveIt() {
    let files = MemoryFiles.memory
    #expect(made(files, ["HOME": "/h"])?.hub == "/h/.cache/huggingface/hub")
    #expect(made(files, ["HOME": "/h", "XDG_CACHE_HOME": "/c"])?.hub == "/c/huggingface/hub")
    #expect(made(files, ["HOME": "/h", "HF_HOME": "/hf"])?.hub == "/hf/hub")
    #expect(made(files, ["HF_HUB_CACHE": "/hub", "HF_HOME": "/hf"])?.hub == "/hub")
    #expect(made(files, [:]) == nil)
  }

  @Test func namesAreThoseOfModels() {
    for name in ["a/b", "org-1/Model_x.2"] { #expect(HuggingFaceCache.isName(name)) }
    for name in ["a", "a/b/c", "/a", "a/", "../b", "a/..", "a b/c", ""] {
      #expect(!HuggingFaceCache.isName(name))
    }
  }

  @Test func theMainSnapshotIsFound() throws {
    let files = try memory([
      "/hub/models--o--m/refs/main": Array("abc\n".utf8),
      "/hub/models--o--m/snapshots/abc/config.json": [], "/hub/models--o--m/snapshots/def/config.json": [],
      "/hub/models--o--one/snapshots/xyz/config.json": [],
    ])
    let cache = try #require(made(files, ["HF_HUB_CACHE": "/hub"]))
    #expect(try cache.folder(of: "o/m") == "/hub/models--o--m/snapshots/abc")
    #expect(try cache.folder(of: "o/one") == "/hub/models--o--one/snapshots/xyz")
    #expect(try cache.folder(of: "o/none") == nil)
    #expect(cache.names == ["o/m", "o/one"])
    try files.remove("/hub/models--o--m/refs/main")
    expectFailure("none is marked main") { _ = try cache.folder(of: "o/m") }
  }
}
