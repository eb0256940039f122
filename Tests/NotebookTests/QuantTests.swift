import Engine
import Events
import FileSystem
import Networks
import Testing

@testable import Notebook

/// Packing at the prompt: what is said, what comes back, what is refused.
@Suite struct QuantTests {
  private func pad(_ files: any Files = .memory) -> Notepad {
    let pad = Notepad(files: files)
    pad.run("let m = gpt base=alphabet", "task +2 rows=4")
    return pad
  }

  private func number(_ pad: Notepad, _ formula: String) throws -> Double {
    try #require(pad.session.value(of: formula).asNumber)
  }

  @Test func packedAndUndone() throws {
    let pad = pad(), before = pad.session.hash()
    let text = pad.run("quantize")
    #expect(text.contains("8 weights into nf4") && text.contains("4.134 bits"), "\(text)")
    #expect(try number(pad, "bits(@m)") < 6.5)
    #expect(try number(pad, "maxdiff(logits(@m), logits(@m.base))") > 0)
    #expect(pad.run("show quant").contains("the whole base"))
    #expect(pad.run("show quant blocks.0.attn.o").contains("16 of 16"))
    pad.run("undo")
    #expect(pad.session.hash() == before)
    #expect(try number(pad, "bits(@m)") == 32)
    #expect(pad.run("show quant blocks.0.attn.o type=int4").contains("15 of 16"))
    #expect(pad.session.hash() == before)
    #expect(pad.errors().isEmpty)
  }

  /// The bundled base lies in a file: nothing is kept beside the codes, and still all comes back.
  @Test func theLedgerCountsWhatIsThere() throws {
    let pad = pad()
    pad.run("attach qlora r=2", "step 2")
    let subject = try #require(pad.session.currentSubject)
    let packed = subject.model.packed
    #expect(packed.count == 8 && packed.allSatisfy { $0.packing?.kept == nil })
    let numbers = packed.reduce(0) { $0 + $1.count }
    let bytes = packed.reduce(0) { $0 + $1.value.storage.bytes }
    // Codes and scales of a byte; then the scales of scales and an offset for each weight.
    #expect(bytes < numbers * 33 / 64 + 16 * packed.count)
    #expect(pad.run("show memory").contains("in four bits"))
    pad.run(
      "let other = gpt vocab=26 ctx=16 dim=16 heads=2 layers=1", "task +2 rows=2 length=8", "attach qlora")
    let kept = pad.session.currentSubject?.model.packed.compactMap { $0.packing?.kept } ?? []
    #expect(kept.count == 4, "a base made in memory keeps its numbers")
    #expect(pad.errors().isEmpty)
  }

  /// Where the originals do not fit the undo memory, that is said before they go.
  @Test func whatIsLetGoIsSaidBefore() throws {
    let pad = Notepad()
    pad.run("let m = gpt vocab=26 ctx=16 dim=16 heads=2 layers=1", "task +2 rows=2 length=8")
    pad.session.timeline.budget = 1000
    let text = pad.run("attach qlora r=2")
    #expect(text.contains("warning") && text.contains("let go"), "\(text)")
    #expect(pad.run("detach").contains("stays packed"))
    #expect(try number(pad, "bits(@m)") < 20)
    pad.run("undo", "undo")
    #expect(try number(pad, "bits(@m)") == 32, "undo makes it again")
  }

  @Test func mergedThreeWays() throws {
    let pad = pad()
    pad.run("attach qlora r=2", "step 5", "let before = logits(@m)")
    let packed = pad.session.hash(), text = pad.run("merge how=requantize")
    for way in ["dequantized", "source", "requantize"] { #expect(text.contains("how=\(way)")) }
    #expect(try number(pad, "bits(@m)") < 6.5)
    #expect(try number(pad, "maxdiff(logits(@m), before)") > 0)
    pad.run("unmerge")
    #expect(pad.session.hash() == packed)
    pad.run("merge")
    #expect(try number(pad, "maxdiff(logits(@m), before)") < 1e-3)
    pad.run("detach")
    #expect(try number(pad, "maxdiff(logits(@m), logits(@m.base))") == 0)
    #expect(pad.errors().isEmpty)
  }

  @Test(arguments: ["quantize type=int4 block=32 compute=bf16", "attach qlora r=2 dropout=0.1"])
  func sessionsKeepCodes(line: String) throws {
    let files = MemoryFiles(), pad = pad(files)
    pad.run(line, "step 3", "save work")
    let hash = pad.session.hash(), again = Notepad(files: files)
    again.run("load work")
    #expect(again.session.hash() == hash)
    let (a, b) = (pad.session.currentSubject?.model.packed, again.session.currentSubject?.model.packed)
    #expect(a?.count == 8 && a?.map { $0.value.codeBytes } == b?.map { $0.value.codeBytes })
    #expect(a?.map { $0.value.packing } == b?.map { $0.value.packing })
    for pad in [pad, again] { pad.run("step 2") }
    #expect(again.session.hash() == pad.session.hash())
    #expect(
      try number(again, "maxdiff(logits(@m), logits(@m.base))")
        == number(pad, "maxdiff(logits(@m), logits(@m.base))"))
    #expect(pad.errors().isEmpty && again.errors().isEmpty)
  }

  @Test func foldersAndAdapters() throws {
    let files = MemoryFiles(), pad = pad(files)
    pad.run("quantize", "save model /out")
    pad.run("let q = open /out")
    #expect(try number(pad, "bits(@q)") < 6.5)
    #expect(try number(pad, "maxdiff(logits(@q, \"egik\"), logits(@m, \"egik\"))") == 0)
    pad.run("let other = gpt base=alphabet", "task +2 rows=4")
    let text = pad.run("attach qlora r=2", "step 2", "save adapter /adapter")
    #expect(text.contains("LORA") && text.contains("round trip 0"), "\(text)")
    pad.run("use q", "load /adapter")
    #expect(try number(pad, "trainable(@q)") == number(pad, "trainable(@other)"))
    #expect(pad.errors().isEmpty, "\(pad.errors().map(\.failure.what))")
  }

  @Test func whatCannotBe() {
    let pad = pad()
    func refused(_ line: String, _ word: String) {
      let before = pad.session.hash(), count = pad.events.count
      pad.run(line)
      let errors = pad.errors(since: count)
      #expect(
        errors.count == 1 && errors[0].failure.what.contains(word), "\(line): \(errors.map(\.failure.what))")
      #expect(errors.allSatisfy { !$0.failure.cure.isEmpty })
      #expect(pad.session.hash() == before)
    }
    refused("quantize block=48", "power of two")
    refused("quantize type=nf5", "nf5")
    refused("attach qlora block=4096", "2304")
    refused("codes(blocks.0.attn.qkv)", "packed")
    refused("quant(normal(8, 8), \"nf9\")", "nf9")
    refused("show quant norm", "norm")
    pad.run("quantize")
    refused("quantize", "already")
    refused("attach qlora", "already")
    refused("attach full", "cannot train")
    refused("thaw blocks.0.attn.qkv.weight", "cannot train")
    pad.run("undo", "thaw blocks.0.attn.o.weight")
    refused("quantize", "thawed")
    pad.run("undo", "attach full", "step 1")
    refused("quantize", "full")
    refused("attach qlora", "full")
  }
}
