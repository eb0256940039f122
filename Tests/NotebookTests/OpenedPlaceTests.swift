import FileSystem
import Foundation
import Options
import TestSupport
import Testing

@testable import Data
@testable import Notebook

/// What can stand after `open`, and talks with what was opened.
@Suite struct OpenedPlaceTests {
  private func bench() throws -> TimeBench {
    let files = MemoryFiles.memory
    try TextBench.write("words", files)
    try files.makeFolders("/hub/models--some--words/snapshots")
    try TextBench.write("/hub/models--some--words/snapshots/abc", files)
    let bench = try TimeBench(files: files)
    return bench
  }

  @Test func modelsThatAreNotHereAreNamed() throws {
    let bench = try bench()
    #expect(try bench.failure("open smollm2").cure == "Type: get smollm2")
    #expect(try bench.failure("open smolm2").cure == "Did you mean “smollm2”?")
    #expect(try bench.failure("open minilmm").cure == "Did you mean “minilm”?")
    #expect(try bench.failure("open nothing-like-it").what.contains("nothing-like-it"))
  }

  @Test func theCacheIsLookedThrough() throws {
    let bench = try bench()
    let surroundings = Surroundings(
      places: Places(data: "/nowhere/data", state: "/nowhere/state"),
      files: bench.session.surroundings.files, environment: { $0 == "HF_HUB_CACHE" ? "/hub" : nil })
    let session = try TimeBench(Session(surroundings: surroundings) { _ in })
    #expect(try session.run("open some/words").contains("from the cache, /hub/models--some--words"))
    #expect(try session.failure("open some/word").cure == "Did you mean “some/words”?")
    #expect(try session.failure("open other/thing").cure.contains("does not download"))
  }

  @Test func aTalkIsWrittenByTheModelsTemplate() throws {
    let bench = try bench()
    try bench.run("let m = open words")
    #expect(try bench.failure("gen \"the day\" chat").what.contains("no chat template"))
    try bench.session.surroundings.files.write("words/chat_template.jinja", text: "[INST] <<SYS>>")
    let shown = try bench.run("let t = open words")
    #expect(!shown.contains("left out"))
    let tokenizer = try #require(bench.session.current().tokenizer as? PipelineTokenizer)
    let talk = try tokenizer.talk([ChatMessage("user", "the day")])
    #expect(talk.contains("[INST] the day [/INST]"))
    // The answer alone is shown, and it is what goes on from the talk.
    let whole = try bench.run("gen \"\(talk)\" n=6"), answer = try bench.run("gen \"the day\" chat n=6")
    let said = answer.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(!answer.contains("INST") && !said.isEmpty && whole.contains(said))
    let long = String(repeating: "the day ", count: 60)
    #expect(try bench.failure("gen \"\(long)\" chat").what.contains("the model's context is 48"))
  }
}
