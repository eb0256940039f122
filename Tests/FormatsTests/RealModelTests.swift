import Data
import Engine
import Networks
import Testing

@testable import Formats

/// SmolLM2 against transformers on the same unpacked numbers; off unless GRAFT_TEST_SMOLLM2 names the GGUF file and what
/// Scripts/smollm2_parity.py wrote, with a comma between.
@Suite(.enabled(if: Places.variable("GRAFT_TEST_SMOLLM2") != nil)) struct RealModelTests {
  @Test func smolLM2KnowsTheCapitalOfFrance() throws {
    let paths = try #require(Places.variable("GRAFT_TEST_SMOLLM2")).split(separator: ",").map(String.init)
    let clock = ContinuousClock(), expected = try Safetensors(paths[1])
    var opened: BaseFolder?
    let opening = try clock.measure { opened = try BaseFolder(paths[0], chance: Engine.Chance(seed: 1)) }
    let base = try #require(opened), tokenizer = try #require(base.tokenizer)
    let ids = try tokenizer.encode("The capital of France is")
    let wanted = try expected.tensor(named: "logits")
    #expect(ids.count == wanted.shape[0])
    let logits = try base.model.logits(Input([ids]), Pass()).reshaped(wanted.shape)
    let difference = try logits.largestDifference(from: wanted)
    #expect(difference < 1e-3)
    var sampling = Sampling()
    sampling.stops = Set(tokenizer.endOfText.map { [$0] } ?? [])
    let new = try base.model.generate([ids], count: 3, sampling).first ?? []
    #expect(tokenizer.decode(new).hasPrefix(" Paris."))
    var count = 0
    let time = try clock.measure { count = try base.model.generate([ids], count: 48).first?.count ?? 0 }
    print("opened in \(opening); logits differ by \(difference); “\(tokenizer.decode(ids + new))”")
    print("\(count) tokens in \(time)")
  }
}
