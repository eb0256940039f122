import Engine
import Events
import Networks
import Testing

@testable import Notebook

/// The commands that look, watch, keep and compare.
@Suite struct LookCommandTests {
  // MARK: What the model says

  @Test func topIsSortedAndSumsUp() throws {
    let looker = Looker.lora()
    for case .bars(let bars) in looker.run("top \"e\" k=26") {
      #expect(bars.items.count == 26)
      #expect(zip(bars.items, bars.items.dropFirst()).allSatisfy { $0.value >= $1.value })
      #expect(abs(bars.items.reduce(0) { $0 + $1.value } - 1) < 1e-5)
      #expect(abs(try looker.number("max(top(\"e\"))") - bars.items[0].value) < 1e-6)
    }
    #expect(looker.text("top e").split(separator: "█", omittingEmptySubsequences: true).count > 3)
    #expect(looker.failure("top \"e!\"").contains("“!” has no id"))
    #expect(looker.failure("top \"\"").contains("no text to read"))
    #expect(looker.failure("top \"e\" k=0").contains("from 1 to 100"))
  }

  @Test func genGoesOnWithTheMostProbable() throws {
    let looker = Looker("gpt layers=1 dim=16 heads=2 ctx=16", "task +2", "lr 1e-2; step 60")
    var text = "eg"
    for _ in 0..<3 {
      for case .bars(let bars) in looker.run("top \"\(text)\" k=1") { text += bars.items[0].label }
    }
    #expect(looker.text("gen \"eg\" n=3").contains("“\(text)”"))
    let half = looker.text("gen \"eg\"").trimming
    #expect(half.count == 12, "quotes, the text and half the context: \(half)")
    let full = looker.text("gen \"eg\" n=40")
    #expect(full.contains("the context of 16 tokens is full"))
    let a = looker.text("gen \"eg\" temperature=2 seed=1"), b = looker.text("gen \"eg\" temperature=2 seed=1")
    #expect(a == b)
    #expect((2...9).contains { looker.text("gen \"eg\" temperature=2 seed=\($0)") != a })
    #expect(looker.text("gen \"eg\" temperature=2 top-k=1 n=3") == looker.text("gen \"eg\" n=3"))
    #expect(looker.failure("gen \"学\"").contains("has no id"))
    #expect(looker.failure("gen \"\"").contains("no text to read"))
  }

  @Test func genKeepsWhatThereIsWhenInterrupted() throws {
    let looker = Looker("gpt layers=1 dim=8 heads=2 ctx=32")
    let site = try #require(looker.session.currentSubject?.model.site("norm"))
    final class Owner: EditOwner { let isOn = true }
    let owner = Owner(), interrupt = looker.session.interrupt
    var edit = Edit()
    var runs = 0
    edit.output = { _, y, _ in
      runs += 1
      if runs == 4 { interrupt.raise() }
      return y
    }
    site.place(edit, by: owner)
    let text = looker.text("gen \"e\" n=20")
    site.remove(owner)
    #expect(text.contains("stopped after 4 of 20 tokens"), "\(text)")
  }

  @Test func genShowsTheTextAsItIsMadeOnALineThatMoves() throws {
    let looker = Looker("gpt layers=1 dim=16 heads=2 ctx=16", "task +2", "lr 1e-2; step 60")
    let still = looker.run("gen \"eg\" n=5")
    for case .progress(let line) in still { #expect(line.text.isEmpty) }
    looker.session.isLive = true
    let events = looker.run("gen \"eg\" n=5"), lines = events.compactMap { $0.asProgress }
    let first = try #require(lines.first)
    #expect(first.done == 1 && first.total == 5 && first.text.count == 1)
    let plain = PlainText(Presentation())
    let whole = events.filter { $0.asProgress == nil }.map { plain.text(of: $0) }.joined()
    for line in lines { #expect(whole.contains("“eg" + line.text)) }
    #expect(whole == still.filter { $0.asProgress == nil }.map { plain.text(of: $0) }.joined())
  }

  @Test func genThatIsStoppedKeepsTheTextOfTheMovingLine() throws {
    let looker = Looker("gpt layers=1 dim=16 heads=2 ctx=32")
    looker.session.isLive = true
    var seen: [ProgressLine] = [], shown = ""
    let interrupt = looker.session.interrupt, plain = PlainText(Presentation())
    looker.session.observer = { event in
      if let line = event.asProgress {
        seen.append(line)
        interrupt.raise()
      } else {
        shown += plain.text(of: event)
      }
    }
    looker.session.execute("gen \"eg\" n=20")
    #expect(seen.count == 1 && shown.contains("“eg" + (seen.first?.text ?? "?") + "”"), "\(shown)")
    #expect(shown.contains("stopped after 1 of 20 tokens"))
  }

  // MARK: Numbers

  @Test func plotAndHistTakeFormulas() {
    let looker = Looker.lora()
    for case .curve(let curve) in looker.run("plot svd(blocks.0.attn.q), svd(blocks.1.attn.q)") {
      #expect(curve.series.map(\.name) == ["svd(blocks.0.attn.q)", "svd(blocks.1.attn.q)"])
      #expect(curve.series[0].y.count == 16 && curve.axis == "number")
    }
    for case .histogram(let one) in looker.run("hist blocks.0.attn.q - blocks.1.attn.q") {
      #expect(one.name == "blocks.0.attn.q - blocks.1.attn.q" && one.counts.reduce(0, +) == 256)
    }
    #expect(looker.failure("plot").contains("no training step"))
    #expect(looker.failure("plot loss()").contains("is one number"))
    #expect(looker.failure("hist losss()").contains("Did you mean “loss”?"))
    #expect(looker.failure("hist @m").contains("needs numbers, not a model"))
  }

  @Test func traceListsTheOrderOfTheRun() {
    let looker = Looker.lora(), table = looker.table("trace")
    let names = table.column("site")
    func at(_ name: String) -> Int { names.firstIndex(of: .words(name)) ?? -1 }
    #expect(at("embed") == 0 && at("head") == names.count - 1)
    #expect(at("blocks.0.mlp.down") < at("blocks.0") && at("blocks.0") < at("blocks.1.norm1"))
    #expect(names.count == looker.session.currentSubject?.model.sites.count)
    #expect(looker.table("trace blocks.1").rows.count == 13)
    #expect(looker.table("trace text=\"egi\"").column("out").first == "1×3×16")
  }

  // MARK: Watching

  @Test func watchShowsAfterEachStepAndIsUndone() throws {
    let looker = Looker.lora()
    let before = looker.session.timeline.head
    looker.run("watch loss() - 0.5; watch norm(blocks.0.attn.q.lora.B)")
    #expect(looker.session.watches == ["loss() - 0.5", "norm(blocks.0.attn.q.lora.B)"])
    let shown = looker.run("step 3").compactMap { event -> Facts? in
      if case .facts(let f) = event { f } else { nil }
    }
    #expect(shown.count == 3 && shown[2].lead.plain == "step 3")
    #expect(shown[2].facts.map(\.name) == looker.session.watches)
    #expect(shown[2].facts[0].value == .number(try looker.number("loss() - 0.5")))
    looker.run("watch off loss() - 0.5")
    #expect(looker.session.watches == ["norm(blocks.0.attn.q.lora.B)"])
    looker.run("detach; attach bitfit")
    #expect(looker.text("step").contains("cannot be computed now"), "and the step is made")
    looker.run("watch off")
    #expect(looker.session.watches == [])
    looker.run("undo")
    #expect(looker.session.watches.count == 1)
    looker.run("goto \(before)")
    #expect(looker.session.watches == [])
  }

  /// A function that needs nothing is called by its bare name; one that needs something says what.
  @Test func bareFunctionsAreCalled() throws {
    let looker = Looker.lora()
    looker.run("watch loss")
    #expect(looker.session.watches == ["loss"])
    #expect(try looker.number("loss") == looker.number("loss()"))
    #expect(looker.failure("rank").contains("rank("))
  }

  @Test func watchRefusesWhatCannotBeComputed() {
    let looker = Looker.lora(), entries = looker.session.timeline.entries.count
    #expect(looker.failure("watch norm(blocks.0.attn.qq)").contains("Did you mean"))
    #expect(looker.failure("watch off").contains("nothing is watched"))
    #expect(looker.failure("watch norm(").count > 0)
    #expect(looker.session.watches == [] && looker.session.timeline.entries.count == entries)
    #expect(Looker().text("watch").contains("nothing is watched"))
  }

  // MARK: Keeping and comparing

  @Test func snapAndDiff() throws {
    let looker = Looker.lora()
    looker.run("snap a")
    #expect(looker.text("diff a").contains("exact: all 36 tensors are equal bit for bit"))
    looker.run("step; snap b; step")
    let table = looker.table("diff a b")
    #expect(table.rows.count == 4, "at the first step only the four B move")
    #expect(table.column("").allSatisfy { $0 == "different" })
    #expect(table.column("tensor").allSatisfy { $0.asWords.hasSuffix("lora.B") })
    #expect(looker.table("diff b a").column("max|Δ|") == table.column("max|Δ|"))
    #expect(looker.table("diff b").rows.count == 8)
    #expect(looker.table("diff a all").rows.count == 36)
    #expect(looker.text("diff base").contains("exact: all 28 tensors"))
    looker.run("lr 1e-7; snap c; step")
    #expect(looker.text("diff c").contains("approximate: 8 of 36 tensors differ, by up to"))
    looker.run("detach")
    #expect(looker.table("diff b").column("") == Array(repeating: "gone", count: 8))
    looker.run("undo; undo")
    #expect(looker.session.snaps["c"] == nil && looker.session.snaps["b"] != nil)
    looker.run("goto 3")
    #expect(looker.session.snaps.isEmpty)
  }

  @Test func diffExplainsWhatIsNotThere() {
    let looker = Looker.lora()
    #expect(looker.failure("diff a").contains("snap a keeps"))
    looker.run("snap start")
    #expect(looker.failure("diff strat").contains("Did you mean “start”?"))
    #expect(looker.failure("snap now").contains("always means"))
    looker.run("let other = gpt layers=1 dim=8 heads=2")
    #expect(looker.failure("diff start").contains("is of m, not of other"))
    #expect(looker.text("snap").contains("start"))
  }

  @Test func statusTellsEverything() {
    let looker = Looker.lora()
    looker.run("step 2; watch loss(); snap a; forward; lr 1e-3 schedule=cosine")
    let text = looker.text("status")
    for part in [
      "lora", "● active", "alphabet +2", "step 2", "lr 0.001", "cosine", "adamw", "seed 1", "unsaved yes",
      "watched loss()", "snaps a", "lesson none",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    #expect(Looker().text("status").contains("no model yet"))
  }
}

extension String {
  fileprivate var trimming: Substring {
    drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
  }
}

extension Event {
  /// The progress in it.
  fileprivate var asProgress: ProgressLine? { if case .progress(let line) = self { line } else { nil } }
}
