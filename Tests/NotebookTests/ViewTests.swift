import Data
import Engine
import Events
import Networks
import Testing
import TestSupport
import Training

@testable import Notebook

/// Every view on a small GPT with a task and LoRA.
@Suite struct ViewTests {
  /// Lines that look and must not change anything.
  static let looks = [
    "show", "show shapes", "show shapes wide", "show params", "show params lora", "show attachments",
    "show delta",
    "show delta blocks.1.attn.v", "show quant", "show quant blocks.0.attn.qkv type=fp4",
    "show act blocks.0.mlp.up", "show act blocks.1 text=\"egik\"", "show attn",
    "show attn blocks.1.attn head=1 row=2", "show data", "show batch row=3", "show loss", "show grad",
    "show grad blocks.1", "show flow", "show flow lora", "show memory", "profile runs=1", "status",
    "top \"e\"", "gen \"eg\"",
    "gen \"eg\" n=3 temperature=1 seed=3 top-k=4 top-p=0.9 base", "plot", "plot svd(blocks.0.attn.q)",
    "hist blocks.0.attn.q", "trace", "trace blocks.0 text=\"eg\"", "watch", "hook", "snap", "diff base",
    "diff now all",
  ]

  @Test(arguments: looks, [40, 80]) func fitsItsWidth(line: String, width: Int) {
    let looker = Looker.lora()
    looker.run("step 3")
    let text = looker.text(line, width: width)
    #expect(!text.isEmpty)
    #expect(!text.contains("error:"), "\(text)")
    for row in text.split(separator: "\n") { #expect(columns(of: String(row)) <= width, "\(row)") }
  }

  @Test func lookingChangesNothing() {
    let looker = Looker.lora(), other = Looker.lora()
    let entries = looker.session.timeline.entries.count
    looker.run("step 2; forward")
    other.run("step 2")
    let before = looker.session.hash()
    for line in Self.looks { looker.run(line) }
    #expect(looker.session.hash() == before)
    #expect(looker.session.timeline.entries.count == entries + 2)
    #expect(looker.session.currentSubject?.trainer.half != nil, "a step that was begun is still begun")
    looker.run("step 3")
    other.run("step 3")
    #expect(looker.session.hash() == other.session.hash())
  }

  /// The structure only: other processors give other last digits.
  @Test(arguments: [
    "shapes", "params lora", "attachments", "data", "batch row=1", "grad", "flow", "attn row=1",
  ])
  func snapshot(view: String) throws {
    let looker = Looker.lora()
    let name = view.replacing(" ", with: "-").replacing("=", with: "")
    try expectSnapshot(structure(looker.text("show \(view)")), named: "views/\(name)")
  }

  @Test func listSnapshot() throws { try expectSnapshot(Looker.lora().text("show"), named: "views/list") }

  // MARK: Shapes and parameters

  @Test func shapesCountEveryNumberOnce() throws {
    let looker = Looker.lora()
    let table = looker.table("show shapes")
    let total = table.column("params").reduce(0) { if case .count(let n) = $1 { $0 + n } else { $0 } }
    let model = try #require(looker.session.currentSubject?.model)
    #expect(total == model.baseCount)
    #expect(table.cell("head", "params") == "tied")
    #expect(table.cell("blocks.0.attn.qkv", "out") == "4×16×48")
    #expect(table.cell("embed", "in") == "4×16 ids")
    #expect(table.cell("blocks.1.attn.v", "edits") == "lora")
    #expect(table.cell("blocks.1.attn.k", "edits") == "")
    #expect(table.cell("blocks.0.attn.qkv", "state") == "○ frozen")
    #expect(table.cell("blocks.0.attn.qkv", "Hugging Face") == "transformer.h.0.attn.c_attn")
    let text = looker.text("show shapes")
    #expect(text.contains("● trained \(model.trainableCount) "))
    looker.run("merge")
    #expect(looker.table("show shapes").cell("blocks.0.attn.q", "edits") == "lora (merged)")
    looker.run("unmerge; attach bitfit; hook blocks.0.norm1 scale 2 keep")
    let later = looker.table("show shapes")
    #expect(later.cell("blocks.0.norm1", "edits") == "bitfit, hook scale 2")
    #expect(later.cell("blocks.0.norm1", "state") == "◐ partly")
  }

  @Test func shapesLeaveOutBlocksThatAreAlike() {
    let looker = Looker("gpt layers=6 dim=8 heads=2", "attach lora layers=0,3")
    let names = looker.table("show shapes").column("site")
    #expect(names.contains("blocks.3.attn.q") && names.contains("blocks.4.attn.q"))
    #expect(!names.contains("blocks.2.attn.q") && !names.contains("blocks.5.attn.q"))
    #expect(looker.text("show shapes").contains("blocks 2 5: each as the block before it"))
    #expect(looker.table("show shapes all").column("site").contains("blocks.5.attn.q"))
    #expect(looker.text("show shapes").contains("a probe of 8 tokens, as there is no task"))
  }

  @Test func paramsAgreeWithFormulas() throws {
    let looker = Looker.lora()
    looker.run("step 4")
    let table = looker.table("show params")
    let name = "blocks.1.attn.v.lora.B"
    for (title, formula) in [("norm", "norm"), ("mean", "mean"), ("std", "std")] {
      let shown = try #require(table.cell(name, title).asNumber)
      #expect(abs(try shown - looker.number("\(formula)(\(name))")) < 1e-6)
    }
    #expect(table.cell(name, "state") == "● trained")
    #expect(table.cell("norm.weight", "std") == .zero, "all ones have no spread")
    #expect(table.rows.count == looker.session.currentSubject?.model.parameters.count)
  }

  // MARK: Gradients and flow

  @Test func loraBeginsWithNoGradientOfA() throws {
    let looker = Looker.lora()
    let table = looker.table("show grad")
    #expect(table.rows.count == 8)
    for row in table.rows {
      let norm = try #require(row[2].asNumber)
      #expect(row[0].asWords.hasSuffix("A") ? norm == 0 : norm > 0)
    }
    let line = try #require(looker.text("show grad").split(separator: "\n").first { $0.contains("q.lora.A") })
    #expect(structure(String(line)).hasSuffix(" # #"), "0, and 0 as the largest: \(line)")
    #expect(line.hasSuffix(" 0"))
  }

  @Test func gradIsWhatBackwardFinds() throws {
    let looker = Looker.lora()
    looker.run("step 2")
    let shown = looker.table("show grad").column("‖grad‖")
    looker.run("backward")
    let subject = try #require(looker.session.currentSubject)
    let gradients = try #require(subject.trainer.half?.gradients)
    #expect(shown == subject.model.trainable.map { .number(gradients[$0.value]?.norm ?? -1) })
  }

  @Test func whatTheLossIgnoresHasNoGradient() {
    let looker = Looker("gpt layers=1 dim=8 heads=2 ctx=16", "task +2", "hook head zero keep")
    #expect(looker.table("show grad").cell("blocks.0.mlp.up.weight", "‖grad‖") == .zero, "zeroed, not absent")
    #expect(looker.failure("show grad blocks.0.attn.x").contains("blocks.0.attn"))
    looker.run("freeze blocks.0.*")
    #expect(looker.failure("show grad blocks.0").contains("nothing of “blocks.0” trains"))
    #expect(Looker("gpt").failure("show grad").contains("nothing to train on"))
  }

  @Test func flowForetellsTheUpdate() throws {
    let looker = Looker.lora()
    looker.run("step 3")
    let table = looker.table("show flow")
    let subject = try #require(looker.session.currentSubject)
    let parts = subject.model.trainable.filter { $0.name.hasPrefix("blocks.0.attn.v.lora.") }
    let before = parts.map(\.value)
    looker.run("step")
    let moves = try zip(parts, before).map { try $0.value - $1 }
    let ratio = Figures(moves).deviation / Figures(before).deviation
    let shown = try #require(table.cell("blocks.0.attn.v.lora", "update").asNumber)
    #expect(abs(pow10(shown) - ratio) < 1e-9 * ratio + 1e-12)
    #expect(table.cell("blocks.0.attn.v.lora", "last steps").asWords.count == 3)
    looker.run("step -2")
    let fewer = looker.table("show flow").cell("blocks.0.attn.v.lora", "last steps").asWords
    #expect(fewer.count == 2, "going back takes norms back too")
    looker.run("lr 0")
    #expect(looker.table("show flow").cell("blocks.0.attn.v.lora", "update") == "stays")
  }

  private func pow10(_ x: Double) -> Double { (try? Looker().number("10^(\(x))")) ?? .nan }

  // MARK: What changed

  @Test func deltaHasTheRankOfLoRA() throws {
    let looker = Looker.lora()
    #expect(looker.text("show delta").contains("every ΔW is 0 exactly"))
    #expect(looker.text("show delta blocks.0.attn.q").contains("singular values 0, all 16 of them, exactly"))
    looker.run("step 5")
    #expect(looker.table("show delta").column("rank") == Array(repeating: .count(2), count: 4))
    let one = looker.text("show delta blocks.1.attn.v")
    #expect(one.contains("ΔW 16×16") && one.contains(" | 0 0 0") && one.contains("14 zeros"), "\(one)")
    #expect(one.contains("rank 2 = r") && one.contains("rank 2 at the most"), "\(one)")
    looker.run("merge")
    #expect(looker.table("show delta lora").column("rank") == Array(repeating: .count(2), count: 4))
    #expect(looker.table("show delta blocks.*.attn.k").column("‖ΔW‖") == [.zero, .zero])
  }

  @Test func deltaSaysWhyItDoesNotApply() {
    let looker = Looker("gpt layers=1 dim=8 heads=2")
    #expect(looker.failure("show delta").contains("nothing is attached"))
    looker.run("attach bitfit")
    #expect(looker.failure("show delta").contains("changes no matrix"))
    #expect(looker.failure("show delta blocks.0.norm1").contains("blocks.0.norm1 has no matrix"))
    #expect(looker.failure("show delta blocks.0.atn").contains("Did you mean"))
  }

  @Test func attachmentsInEveryCondition() throws {
    let looker = Looker("gpt layers=1 dim=8 heads=2")
    #expect(looker.text("show attachments").contains("nothing is attached to m"))
    looker.run("attach lora r=3; attach bitfit; merge lora")
    let table = looker.table("show attachments")
    #expect(table.cell("lora", "state") == "◆ merged" && table.cell("lora", "method") == "lora r=3")
    #expect(table.cell("bitfit", "state") == "● active")
    #expect(table.cell("bitfit", "at") == "none: it trains the base's own")
    try #require(looker.session.currentSubject).model.attachments[1].isOn = false
    #expect(looker.table("show attachments").cell("bitfit", "state") == "○ off")
  }

  // MARK: Errors

  @Test(arguments: [
    ("show shaps", "Did you mean “shapes”?"), ("show xyz", "there are: act "),
    ("show status", "status is a command of its own"), ("show attn head=2", "has heads 0 to 1"),
    ("show attn head=-1", "has heads 0 to 1"), ("show attn row=4", "rows 0 to 3"),
    ("show batch row=9", "rows 0 to 3"),
    ("show attn blocks.0.mlp.up", "is no place of attention"), ("show act", "show act needs PLACE"),
    ("show act blocks.0.atn", "Did you mean “blocks.0.attn”?"), ("show loss 3", "takes fewer words"),
    ("show attn heads=1", "no option “heads”"), ("show act blocks.0 text=\"EG\"", "has no id"),
    ("show act blocks.0 text=\"abcdefghijklmnopq\"", "17 tokens; the model's context is 16"),
    ("show loss", "no training step was made yet"), ("show params nothing", "no parameter “nothing”"),
    ("trace blocks.7", "no place “blocks.7”"),
  ])
  func wrongInputIsExplained(line: String, part: String) {
    let looker = Looker.lora(), text = looker.failure(line)
    #expect(text.contains(part), "\(text)")
    #expect(Looker().failure(line) != "", "and without a model")
  }
}
