import Events
import Testing

@testable import Notebook

/// Experiments at a site, and how long they last.
@Suite struct HookTests {
  @Test func aBriefHookLastsForOneCommand() throws {
    let looker = Looker.lora()
    let plain = try looker.number("loss()"), hash = looker.session.hash()
    let text = looker.text("hook blocks.0.attn zero")
    #expect(
      text.contains("blocks.0.attn gives 0 in the next command only")
        && text.contains("logits changed by up to"))
    #expect(try looker.number("loss()") != plain, "asking by program ends nothing")
    #expect(looker.session.currentSubject?.hooks.count == 1)
    looker.run("blocks.0.atn")
    #expect(looker.session.currentSubject?.hooks.count == 1, "what failed was no next command")
    let hooked = try #require(
      looker.run("loss()").compactMap { event -> Datum? in
        if case .value(let view) = event { view.datum } else { nil }
      }.first)
    #expect(hooked != .number(plain))
    #expect(try looker.number("loss()") == plain)
    #expect(looker.session.currentSubject?.hooks.isEmpty == true && looker.session.hash() == hash)
  }

  @Test func severalBriefHooksServeOneCommand() throws {
    let looker = Looker.lora()
    looker.run("hook blocks.0.attn zero; hook blocks.1.attn zero; let x = loss()")
    looker.run("hook blocks.0.attn zero; let y = loss(); let z = loss()")
    #expect(looker.session.currentSubject?.hooks.isEmpty == true)
    #expect(try looker.number("x") != looker.number("y"))
    #expect(try looker.number("z") == looker.number("loss()"))
    #expect(try looker.number("z") != looker.number("y"))
  }

  @Test func keptHooksStayUntilOff() throws {
    let looker = Looker.lora()
    let plain = try looker.number("loss()"), hash = looker.session.hash()
    looker.run("hook blocks.0.mlp.down scale 0.5 keep; hook blocks.1.mlp.down zero keep")
    let both = try looker.number("loss()")
    #expect(both != plain && looker.session.hash() != hash)
    looker.run("status; show shapes")
    #expect(looker.table("hook").rows.count == 2)
    #expect(looker.table("hook").cell("blocks.0.mlp.down", "does") == "scale 0.5")
    looker.run("hook blocks.1.mlp.down off")
    #expect(try looker.number("loss()") != both)
    looker.run("hook off")
    #expect(try looker.number("loss()") == plain && looker.session.hash() == hash)
    looker.run("undo; undo")
    #expect(try looker.number("loss()") == both)
    looker.run("undo")
    #expect(try looker.number("loss()") == plain && looker.session.hash() == hash)
    looker.run("redo")
    #expect(try looker.number("loss()") == both)
  }

  @Test func aHookIsSeenByGradientsAndLeavesTheBaseAlone() throws {
    let looker = Looker.lora()
    let base = try looker.number("loss(@m.base)")
    looker.run("hook blocks.0.attn zero keep")
    let table = looker.table("show grad")
    #expect(table.cell("blocks.0.attn.v.lora.B", "‖grad‖") == .zero, "what is zeroed passes nothing back")
    #expect(table.cell("blocks.1.attn.v.lora.B", "‖grad‖") != .zero)
    #expect(try looker.number("loss(@m.base)") == base)
    looker.run("hook off; hook *.attn scale 1 keep")
    #expect(looker.session.currentSubject?.hooks.count == 2)
    #expect(looker.text("hook input scale 2").contains("logits changed"))
    #expect(looker.text("hook head scale 1").contains("the difference is 0 exactly"))
  }

  /// Steps made under a brief hook come back bit for bit, also where states were thinned and are made again.
  @Test func timeIsExactUnderABriefHook() throws {
    let ample = Looker.lora(), thin = Looker.lora()
    thin.session.timeline.budget = 4096
    var hashes: [String] = []
    for line in [
      "hook blocks.0.attn zero; step 9", "step 8", "step -8", "step 8", "undo; undo; undo", "redo",
      "step -12", "step 4",
      "step 8", "goto 0; redo 3", "redo; redo",
    ] {
      ample.run(line)
      thin.run(line)
      hashes.append(ample.session.hash())
      #expect(thin.session.hash() == hashes.last, "\(line)")
      #expect(
        ample.session.currentSubject?.hooks.isEmpty == true
          && thin.session.currentSubject?.hooks.isEmpty == true)
    }
    #expect(hashes[2] == hashes[0] && hashes[3] == hashes[1], "back to the end of the hooked steps, and on")
    #expect(hashes[4] == hashes[0] && hashes[5] == hashes[1])
    #expect(hashes[9] == Looker.lora().session.hash())
  }

  @Test func aBegunStepIsForgottenWhenHooksChange() {
    let looker = Looker.lora()
    looker.run("forward; hook blocks.0.attn zero keep")
    #expect(looker.session.currentSubject?.trainer.half == nil)
    looker.run("backward; undo; redo")
    #expect(looker.session.currentSubject?.trainer.half?.gradients != nil)
  }

  @Test(arguments: [
    ("hook blocks.0.atn zero", "Did you mean “blocks.0.attn”?"),
    ("hook blocks.0.attn", "zero, scale X, or off"),
    ("hook blocks.0.attn zer", "Did you mean “zero”?"), ("hook blocks.0.attn scale", "scale needs a number"),
    ("hook blocks.0.attn scale much", "scale needs a number"),
    ("hook blocks.0.attn zero 3", "zero takes nothing"),
    ("hook blocks.0.attn off", "no hook to take away"), ("hook off", "no hook to take away"),
  ])
  func wrongHooksAreExplained(line: String, part: String) {
    let looker = Looker.lora(), hash = looker.session.hash()
    #expect(looker.failure(line).contains(part), "\(looker.failure(line))")
    #expect(looker.session.hash() == hash && looker.session.currentSubject?.hooks.isEmpty == true)
  }
}
