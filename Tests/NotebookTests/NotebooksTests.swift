import Data
import Engine
import FileSystem
import Foundation
import Testing
import Training

@testable import Notebook

/// The batch files under `lessons/notebooks` run as they stand, on the small base and on letters in place of tweets.
@Suite struct NotebooksTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "lessons/notebooks")
  static var files: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".graft") }.sorted()
  }

  @Test(arguments: ["dpo.graft", "reward-model.graft", "rlaif.graft", "rlhf.graft"]) func alignmentRuns(
    name: String
  ) throws {
    #expect(Self.files.contains(name))
    let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    let memory = MemoryFiles()
    try memory.write(name, text: text)
    let bench = try TimeBench(files: memory)
    for value in ["base=alphabet", "source=letters", "steps=40", "rounds=5"] { try bench.session.give(value) }
    let shown = try bench.run("run \(name)")
    let state = try bench.session.current().trainer.state
    #expect(state.step == (name == "rlhf.graft" ? 5 : 40) && !shown.contains("error:"))
    let reward = bench.session.models.first { $0.name == "r" }
    if let reward {
      #expect(reward.trainer.state.step == 40)
      if name != "rlaif.graft" { #expect(reward.lastEvaluation?.accuracy ?? 0 > 0.6) }
    }
  }
}
