import Events
import FileSystem
import Options
import Testing

@testable import Notebook

/// `llama`, `bloom`, shapes without weights, and the counts of published models.
@Suite struct DecoderCommandTests {
  private static func path(_ name: String) -> String {
    let root = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))
    return Path.join(root, name)
  }

  /// The nano models learn a skill of the alphabet at once, and going back is exact.
  @Test(arguments: [
    "llama kv=2 dim=32", "bloom heads=3 dim=36", "llama family=qwen3 dim=32 rope=linear factor=2",
  ])
  func nanoModelsTrainAtOnce(_ maker: String) throws {
    let looker = Looker("let m = \(maker) layers=2", "task +2 rows=8")
    let start = looker.session.hash()
    looker.run("step 40")
    let losses = try #require(looker.session.currentSubject).trainer.state.losses.values
    #expect(losses.count == 40)
    let first: Float = losses.prefix(5).reduce(0, +), last: Float = losses.suffix(5).reduce(0, +)
    #expect(last < 0.8 * first, "\(first) → \(last)")
    looker.run("step -40")
    #expect(looker.session.hash() == start)
    #expect(looker.text("gen \"a\" n=4").contains("a"))
    for view in ["shapes", "attn blocks.0.attn", "params", "flow", "memory", "batch"] {
      let text = looker.text("show " + view)
      #expect(!text.contains("error"), "\(view): \(text)")
    }
  }

  /// The tutorial's line, digit for digit.
  @Test func theCountOfBLOOMZIsPeftsLine() {
    let looker = Looker(
      "open \"\(Self.path("lessons/configs/bloomz-560m.json"))\" weights=none", "attach prompt n=8")
    let line = "trainable params: 8192 || all params: 559222784 || trainable%: 0.0014648902430985358"
    // Never wrapped, whatever the width.
    #expect(looker.text("params like=peft").split(separator: "\n").contains { $0.hasSuffix(line) })
    #expect(looker.text("show shapes").contains("blocks.0.mlp.down"))
    #expect(looker.text("show memory").contains("2.1 GB"))
    #expect(looker.failure("step").contains("data"))
    #expect(looker.failure("gen \"1 2 3\"").contains("no numbers"))
    #expect(looker.failure("save model out").contains("no numbers"))
  }

  @Test func targetsAreExplainedOnTheLiveModel() {
    let llama = Looker("let m = llama layers=2 dim=16 heads=2")
    let text = llama.text("?targets")
    #expect(text.contains("attn.q attn.v") && text.contains("self_attn.q_proj") && text.contains("mlp.gate"))
    #expect(llama.text("attach lora on=gate_proj").contains("2 sites"))
    let bloom = Looker("let m = bloom layers=2 dim=16 heads=2")
    #expect(bloom.text("?targets").contains("self_attention.query_key_value"))
    #expect(bloom.text("attach lora on=query_key_value").contains("2 sites"))
    #expect(bloom.text("attach lora as=two on=attn.k").contains("2 sites"))
  }
}
