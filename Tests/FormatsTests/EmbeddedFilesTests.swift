import Data
import Engine
import Networks
import Options
import Testing
import Texts
import Training

@testable import Formats

@Suite struct EmbeddedFilesTests {
  let files = EmbeddedFiles()

  @Test func theProgramIsAFileSystem() throws {
    #expect(try files.names(in: "lessons").contains("models"))
    #expect(try files.names(in: ".").contains("lessons"))
    #expect(
      try files.names(in: "lessons/models/alphabet/") == [
        "config.json", "model.safetensors", "tokenizer.json",
      ])
    #expect(try files.kind(at: "lessons/models") == .folder)
    #expect(try files.kind(at: "lessons/mod") == nil)
    let name = "Sources/Methods/LoRA.swift"
    #expect(try files.text(of: name) == Texts.text(name))
    #expect(try files.bytes(of: name).base.map { Int(bitPattern: $0) % 64 } == 0)
  }

  @Test func itIsReadAndNeverWritten() {
    for path in ["nothing", "lessons", "", "/lessons/en", "lessons/models/alphabet/config.json/x"] {
      #expect(throws: Failure.self) { try files.bytes(of: path) }
    }
    #expect(throws: Failure.self) { try files.names(in: "nothing") }
    #expect(throws: Failure.self) { try files.write("lessons/x", text: "x") }
    #expect(throws: Failure.self) { try files.remove("lessons/models/alphabet/config.json") }
  }

  /// The alphabet base as the program has it reads rows at every place, and knows all that can be known.
  @Test(arguments: [0, 4, 16])
  func theAlphabetReachesItsFloor(_ place: Int) throws {
    let base = try BaseFolder("lessons/models/alphabet", chance: Engine.Chance(seed: 1), files: .embedded)
    #expect(base.tokenizer as? CharacterTokenizer == .alphabet)
    #expect(base.report.notes.isEmpty && base.report.unknown.isEmpty)
    #expect(throws: Failure.self) { try base.model.words?.encode("B") }
    let task = try AlphabetTask()
    var batch = try Batch(task.whole, pad: 0)
    batch.starts = batch.ids.map { _ in place }
    let reached = try Evaluation(base.model, [batch])
    #expect(reached.loss >= task.lossFloor && reached.loss < 0.1)
    // All are right but second letters, which are a guess among four: at most 26 rows of 104.
    let wrong = Double(reached.counted) * (1 - reached.accuracy)
    #expect(wrong < 78.5)
    #expect(Int((wrong - 104 * (1 - reached.firstAccuracy)).magnitude + 0.5) == 0)
  }
}
