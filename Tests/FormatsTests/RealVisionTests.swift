import Data
import Engine
import FileSystem
import Networks
import Testing

@testable import Formats

/// The fetched vision transformer against transformers and onnxruntime; off unless GRAFT_TEST_VIT names its folder and
/// what Scripts/vit_parity.py wrote, with a comma between.
@Suite(.enabled(if: Places.variable("GRAFT_TEST_VIT") != nil)) struct RealVisionTests {
  @Test func hiddenStatesAreTransformers() throws {
    let paths = try #require(Places.variable("GRAFT_TEST_VIT")).split(separator: ",").map(String.init)
    let expected = try Safetensors(paths[1])
    for name in expected.names where name.hasPrefix("pixels.") {
      let side = String(name.dropFirst("pixels.".count)), pixels = try expected.tensor(named: name)
      let base = try BaseFolder(paths[0], size: Int(side), chance: Chance(seed: 1))
      let states = try base.model.network.hidden(Input(pixels: pixels), Pass()).states
      for peer in ["transformers", "onnx"] {
        guard expected["\(peer).\(side)"] != nil else { continue }
        let wanted = try expected.tensor(named: "\(peer).\(side)")
        let difference = try states.largestDifference(from: wanted)
        #expect(states.shape == wanted.shape && difference < 1e-4)
        print(
          "\(side)×\(side), \(peer): states differ by \(difference), the largest is \(wanted.scalars.map(abs).max() ?? 0)"
        )
      }
    }
  }
}
