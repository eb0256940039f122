import Engine
import Events
import Networks
import Options
import Testing

@testable import Notebook

/// `on`, `off`, `mix`, `gen with=`, and what `attach` says of its options.
@Suite struct ManyAtOnceCommandTests {
  private func bench() throws -> TimeBench {
    try TimeBench.small(
      "attach lora r=2 as=a", "step 3", "off", "attach lora r=2 as=b on=attn.qkv,mlp.up", "step 3")
  }

  @Test func switchingIsExactAndUndone() throws {
    let bench = try bench(), before = bench.hash
    #expect(try bench.run("logits(@m)").isEmpty == false)
    let text = try bench.run("on a only")
    #expect(text.contains("on: a") && text.contains("off: b") && text.contains("logits changed by"))
    let alone = bench.hash
    #expect(try bench.run("off").contains("trainable"))
    #expect(try bench.run("on a b").contains("on: a, b"))
    for _ in 0..<3 { try bench.run("undo") }
    #expect(bench.hash == before)
    try bench.run("redo")
    #expect(bench.hash == alone)
    #expect(try bench.failure("off c").what.contains("c"))
    try bench.run("off a b")
    #expect(try bench.run("maxdiff(logits(@m), logits(@m.base))").contains("0"))
    #expect(try bench.failure("step").what.contains("nothing is trainable"))
  }

  @Test func mixesSayHowFarTheyAreFromTheSum() throws {
    let bench = try bench()
    let cat = try bench.run("mix a:0.7 b:0.3 how=cat as=both")
    #expect(cat.contains("both = 0.7·a + 0.3·b") && cat.contains("exact, up to rounding"))
    #expect(cat.contains("a, b are off now"))
    let model = try bench.session.current().model
    #expect(model.attachments.map(\.name) == ["a", "b", "both"])
    #expect(model.attachments.map(\.isOn) == [false, false, true])
    try bench.run("undo")
    #expect(try bench.run("mix a b how=svd as=c r=1").contains("relative error"))
    #expect(try bench.failure("mix a d").cure.contains("a"))
    #expect(try bench.failure("mix a:1 a:2").what.contains("twice"))
    #expect(try bench.failure("mix a b how=cat r=3").what.contains("r= is for how=svd"))
    try bench.run("attach ia3")
    #expect(try bench.failure("mix a ia3").what.contains("no low-rank change"))
  }

  @Test func rowsOfOneBatchHaveTheirOwn() throws {
    let bench = try bench()
    let text = try bench.run("gen \"ab\" n=3 with=a,b,base")
    #expect(text.split(separator: "\n").count == 3 && text.contains("base   “ab"))
    try bench.run("on a only")
    let alone = try bench.run("gen \"ab\" n=3")
    let own = alone.split(separator: "“").dropFirst().first?.split(separator: "”").first ?? "nothing"
    #expect(text.contains("a   “\(own)”"), "\(text) \(alone)")
    #expect(try bench.failure("gen \"ab\" with=a,d").what.contains("d"))
  }

  @Test func attachTellsWhatIsOdd() throws {
    let bench = try TimeBench.small()
    #expect(try bench.run("attach lora r=16 on=attn.q").contains("r=16 is over the width"))
    #expect(try bench.run("attach lora as=y ranks=mlp.up:3").contains("mlp.up:3 has no effect"))
    let pissa = try bench.run("attach pissa r=2")
    #expect(pissa.contains("base checksum") && pissa.contains("the same as before"))
    #expect(try bench.failure("attach lora as=x ranks=attn.q").what.contains("a site, a colon"))
    #expect(try bench.failure("attach lora as=x on=norm1").what.contains("finds nothing to change at norm1"))
  }

  @Test func pissaIsSavedAsLoRA() throws {
    let bench = try TimeBench.small("attach pissa r=2 alpha=4 as=p", "step 4"), before = bench.hash
    let text = try bench.run("save adapter out as=lora")
    #expect(text.contains("LORA") && text.contains("round trip"), "\(text)")
    #expect(bench.hash == before)
    try bench.run("off")
    #expect(try bench.run("load out as=l").contains("2 tensors matched"))
    let model = try bench.session.current().model
    #expect(AttachmentsView.spelling(model.attachments[1]) == "lora r=4")
    try bench.run("attach dora as=d")
    #expect(try bench.failure("save adapter other d as=lora").what.contains("no low-rank change"))
  }
}
