import Data
import Engine
import Formats
import Networks
import Options
import Testing

@testable import Notebook

/// `save adapter`, `save model`, `load FOLDER`: files for Python, read back at once.
@Suite struct AdapterCommandTests {
  @Test(arguments: [
    "lora r=4", "lora r=2 on=attn.q,attn.v", "prompt n=3", "norms", "lora bias=all",
    "dora r=2 on=attn.q,mlp.up", "ia3",
  ]) func anAdapterComesBack(
    method: String
  ) throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(60)])
    for line in ["data csv rows.csv rows=8", "attach \(method) as=mine", "lr 1e-2", "step 5"] {
      try bench.run(line)
    }
    let saved = try bench.run("save adapter adapters/one mine")
    #expect(saved.contains("round trip 0 "), "\(saved)")
    let subject = try bench.session.current()
    let ids = Input([try subject.tokenizer.encode("the food was very good")])
    let with = try subject.model.logits(ids, Pass())
    try bench.run("detach")
    let before = bench.hash
    let text = try bench.run("load adapters/one as=again")
    #expect(text.contains("matched") && text.contains("logits changed by up to"))
    #expect(try subject.model.logits(ids, Pass()).largestDifference(from: with) < 1e-5)
    #expect(subject.model.attachments.map(\.name) == ["again"])
    let after = bench.hash
    try bench.run("undo")
    #expect(bench.hash == before)
    try bench.run("redo")
    #expect(bench.hash == after)
    try bench.run("step 2")
    #expect(try bench.failure("load adapters/one as=again").what.contains("already an attachment"))
  }

  @Test func whatPeftDoesNotHaveIsSaid() throws {
    let bench = try TimeBench.small("attach full")
    let failure = try bench.failure("save adapter out")
    #expect(failure.what.contains("peft has no form for full") && failure.cure.contains("save FILE"))
    #expect(try bench.session.surroundings.files.kind(at: "out") == nil)
    #expect(try TimeBench.small().failure("save adapter out").what.contains("nothing is attached"))
  }

  @Test func aModelComesBack() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(60)])
    for line in ["data csv rows.csv rows=8", "attach lora r=4", "lr 1e-2", "step 5"] { try bench.run(line) }
    let whole = try bench.run("save model models/tuned merged")
    #expect(whole.contains("folded into the weights that were written") && whole.contains("round trip"))
    #expect(try bench.session.current().model.attachments.first?.isFolded == false)
    try bench.run("merge")
    let exact = try bench.run("save model models/merged")
    #expect(exact.contains("round trip 0 ") && exact.contains("config.json") && exact.contains("as f32"))
    let rounded = try bench.run("save model models/small dtype=bf16")
    #expect(rounded.contains("as bf16") && !rounded.contains("round trip 0 "))
    let subject = try bench.session.current()
    let ids = Input([try subject.tokenizer.encode("the song was awful")])
    let logits = try subject.model.logits(ids, Pass())
    try bench.run("let g = open models/merged")
    #expect(try bench.session.current().model.logits(ids, Pass()).largestDifference(from: logits) == 0)
    #expect(try bench.failure("save model x dtype=int8").what.contains("dtype"))
  }
}
