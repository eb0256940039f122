import Data
import Engine
import FileSystem
import Networks
import TestSupport
import Testing
import Training

@testable import Formats

/// Texts as vectors, against numbers of PyTorch from Scripts/golden_embeddings.py.
@Suite struct EmbeddingGoldenTests {
  private let facts: JSON.Object

  init() throws {
    let text = try EncoderGoldenTests.disk.text(of: Path.join(EncoderGoldenTests.folder, "embeddings.json"))
    facts = try #require(try JSON.parse(text, name: "embeddings.json").asObject)
  }

  private func rows(_ value: JSON?) throws -> [[Float]] {
    try #require(value?.asArray).map { try #require($0.asArray).map { Float(try #require($0.asNumber)) } }
  }

  /// Rows of different lengths, each by itself and filled up beside the others.
  @Test func meansAreThoseOfPyTorch() throws {
    let base = try BaseFolder(Path.join(EncoderGoldenTests.folder, "bert"), chance: Engine.Chance(seed: 1))
    let ids = try rows(facts["ids"]).map { $0.map { Int($0) } }, wanted = try rows(facts["vectors"])
    let together = try base.model.embeddings(ids)
    for (i, row) in ids.enumerated() {
      let alone = try base.model.embeddings([row]), expected = try Tensor([1, wanted[i].count], wanted[i])
      #expect(try alone.largestDifference(from: expected) < 1e-5)
      #expect(try together.slice(axis: 0, i..<i + 1).largestDifference(from: expected) < 1e-5)
    }
    #expect(throws: (any Error).self) { try base.model.embeddings([[]]) }
  }

  /// MiniLM itself; off unless GRAFT_TEST_MINILM names its folder.
  @Test(.enabled(if: Places.variable("GRAFT_TEST_MINILM") != nil)) func miniLM() throws {
    let base = try BaseFolder(
      #require(Places.variable("GRAFT_TEST_MINILM")), chance: Engine.Chance(seed: 1))
    let known = try #require(facts["minilm"]?.asObject), tokenizer = try #require(base.tokenizer)
    let texts = try #require(known["texts"]?.asArray).compactMap(\.asString)
    let vectors = try base.model.embeddings(texts.map { try tokenizer.encodeWhole($0) })
    let cosines = try vectors.matmul(vectors, transposed: true)
    let wanted = try rows(known["cosines"]), starts = try rows(known["starts"])
    #expect(try cosines.largestDifference(from: Tensor([3, 3], wanted.flatMap { $0 })) < 1e-4)
    let found = try vectors.slice(axis: 1, 0..<6)
    #expect(try found.largestDifference(from: Tensor([3, 6], starts.flatMap { $0 })) < 1e-4)
  }
}
