import Events
import Testing

@testable import Notebook

/// The whole system on one page, in about two seconds: what to run before every commit.
@Test func everythingOnOnePage() throws {
  var errors: [String] = []
  let session = Session { event in
    if case .error(let view) = event { errors.append(view.failure.what) }
  }
  func number(_ formula: String) throws -> Double { try #require(session.value(of: formula).asNumber) }

  // A model is made, a task set: nothing is known yet.
  session.execute("let m = gpt vocab=26 ctx=24 dim=32 heads=4 layers=2\ntask +2")
  #expect(try number("params(@m)") == number("params(@m.base)"))
  let fresh = try number("loss()")
  #expect(abs(fresh - 3.26) < 0.1, "a model that knows nothing guesses among 26: ln 26 = 3.26")

  // It is trained a little, so that there is something to adapt.
  session.execute("lr 1e-2; step 40")
  #expect(try number("loss()") < fresh - 0.5)

  // LoRA starts as nothing, trains its own numbers only, and comes back bit for bit.
  let before = session.hash()
  session.execute("task +3; reset; attach lora r=4 on=attn.q,attn.v,mlp.up")
  #expect(try number("maxdiff(logits(@m), logits(@m.base))") == 0)
  #expect(try number("norm(grad(blocks.0.attn.q.lora.A))") == 0)
  #expect(try number("norm(grad(blocks.0.attn.q.lora.B))") > 0)
  let start = session.hash(), loss = try number("loss()")
  session.execute("step 30")
  let trained = session.hash()
  #expect(try number("loss()") < loss)
  #expect(try number("rank(delta(blocks.0.attn.v))") == 4)
  session.execute("step -30")
  #expect(session.hash() == start)
  session.execute("step 30")
  #expect(session.hash() == trained)

  // Merged, it answers the same; unmerged and detached, the base is as it was.
  session.execute("let attached = logits(@m); merge")
  #expect(try number("maxdiff(logits(@m), attached)") < 1e-4)
  session.execute("unmerge")
  #expect(try number("maxdiff(logits(@m), attached)") == 0)
  session.execute("detach")
  #expect(try number("maxdiff(logits(@m), logits(@m.base))") == 0)
  session.execute("goto 4")
  #expect(session.hash() == before)
  #expect(errors.isEmpty, "\(errors)")

  // What is wrong is said, and changes nothing.
  #expect(!session.execute("atach lora"))
  #expect(session.suggestion == "attach lora")
  #expect(!session.execute("attach lora r=0"))
  #expect(session.hash() == before)
}
