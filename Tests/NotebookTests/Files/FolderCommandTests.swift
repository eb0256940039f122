import Events
import FileSystem
import Formats
import Options
import Testing

@testable import Notebook

/// `inspect`, `parity`, and a `load` that changes nothing.
@Suite struct FolderCommandTests {
  private static let parity: String = {
    let tests = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))
    return Path.join(tests, "Golden/parity")
  }()

  @Test func anAdapterThatChangesNothingIsAnErrorUnlessAskedFor() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(60)])
    for line in ["data csv rows.csv rows=8", "attach lora", "save adapter out", "detach"] {
      try bench.run(line)
    }
    let before = bench.hash, failure = try bench.failure("load out")
    #expect(failure.what.contains("changes no logit") && failure.cure.contains("allow=unchanged"))
    #expect(bench.hash == before)
    let text = try bench.run("load out allow=unchanged")
    #expect(text.contains("0 missing, 0 extra") && text.contains("logits changed by up to 0"))
    #expect(try bench.run("inspect out").contains("Every B is zero"))
  }

  private func widest(_ text: String) -> Int {
    let lines: [Substring] = text.split(separator: "\n")
    return lines.filter { !$0.contains("/") }.map(\.count).max() ?? 0
  }

  @Test func inspectShowsAFolderAndComparesTwo() {
    let looker = Looker()
    let text = looker.text("inspect \"\(Self.parity)/gpt2/lora_alllinear\"")
    #expect(text.contains("LORA") && text.contains("r 4") && text.contains("transformer.h.1.mlp.c_proj"))
    #expect(widest(text) <= 80, "\(text)")
    let both = looker.text("inspect \"\(Self.parity)/gpt2/lora\" \"\(Self.parity)/gpt2/rslora\"")
    #expect(both.contains("use_rslora") && both.contains("cosine"))
    #expect(looker.failure("inspect /nowhere").contains("there is no"))
  }

  @Test func parityShowsALineACase() {
    let looker = Looker()
    let text = looker.text("parity \"\(Self.parity)\"")
    #expect(text.contains("0 failed") && text.contains("p_tuning_lstm"), "\(text)")
    #expect(widest(text) <= 80, "\(text)")
    #expect(looker.failure("parity /nowhere").contains("no folder"))
  }
}
