import Events
import TestSupport
import Testing

@testable import Notebook

/// The views of adapters and of SSF, and pictures of what is shown.
struct AdapterViewTests {
  private func adapter(_ options: String) -> Looker {
    Looker("let m = gpt layers=2 dim=16 heads=2 ctx=16", "task +2 rows=4", "attach adapter \(options)")
  }

  @Test func nothingIsFarFromNothing() {
    let looker = adapter("init=mam_adapter")
    let table = looker.table("show adapter")
    #expect(table.rows.count == 4)
    #expect(table.column("‖f(h)‖").allSatisfy { $0 == .zero })
    #expect(looker.text("show adapter").contains("0 exactly"))
    looker.run("step 3")
    #expect(looker.table("show adapter").column("‖f(h)‖").allSatisfy { ($0.asNumber ?? 0) > 0 })
  }

  /// The figure is the change of what the sublayer gives, whatever the kind reads.
  @Test(arguments: ["houlsby", "pfeiffer", "parallel"]) func distanceIsTheChange(kind: String) throws {
    let looker = adapter("kind=\(kind) init=bert sd=0.5 act=tanh like=adapters")
    let row = looker.table("show adapter").row("blocks.0.mlp.add")
    let change = try #require(row.count > 2 ? row[2].asNumber : nil)
    let with = "act(blocks.0.mlp.add)", without = "act(blocks.0.mlp.down)"
    let difference = try looker.number("norm(\(with) - \(without))")
    #expect(abs(change - difference) < 1e-4 * difference && change > 0)
    #expect(looker.table("show adapter blocks.1").rows.count == (kind == "houlsby" ? 2 : 1))
    looker.run("detach")
    #expect(looker.failure("show adapter").contains("attach adapter"))
  }

  @Test func deadUnitsAreCounted() throws {
    let looker = adapter("kind=pfeiffer width=3")
    let at = try #require(looker.table("show adapter").columns.firstIndex { $0.title == "idle" })
    #expect(looker.table("show adapter").rows.allSatisfy { $0[at] != .empty })
    #expect(looker.failure("show adapter embed").contains("no adapter sits at embed"))
  }

  @Test func scalesAndShifts() throws {
    let looker = Looker(
      "let m = gpt layers=2 dim=16 heads=2 ctx=16", "task +2 rows=4", "attach ssf init=identity")
    let start = looker.table("show ssf")
    #expect(start.rows.count == 13)
    #expect(start.column("γ mean").allSatisfy { $0 == .number(1.0) })
    #expect(start.column("√mean β²").allSatisfy { $0 == .zero })
    looker.run("step 2")
    var heatmaps: [Heatmap] = []
    for case .heatmap(let one) in looker.run("show ssf") { heatmaps.append(one) }
    #expect(heatmaps.count == 2)
    #expect(heatmaps[0].rows == ["norm1", "attn.qkv", "attn.o", "norm2", "mlp.up", "mlp.down"])
    #expect(heatmaps[0].columns == ["0", "1"])
    #expect(heatmaps[0].values.joined().allSatisfy { $0 > 0 && $0 < 0.1 })
    let histograms = looker.run("show ssf blocks.0.mlp.up").filter { $0.kind == "histogram" }
    #expect(histograms.count == 2)
    #expect(looker.failure("show ssf embed").contains("no ssf sits at embed"))
    for row in looker.text("show ssf").split(separator: "\n") { #expect(columns(of: String(row)) <= 80) }
  }

  /// γ stretches what LoRA added, too: the change that is shown is the one that merging makes.
  @Test func changesOfSeveralAddUpAsTheyMeet() throws {
    for order in [["attach ssf", "attach lora r=2"], ["attach lora r=2", "attach ssf"]] {
      let looker = Looker("let m = gpt layers=1 dim=16 heads=2 ctx=16", "task +2 rows=4")
      for line in order + ["lr 0.1; step 3", "let d = delta(blocks.0.attn.qkv)"] {
        looker.run(line)
      }
      looker.run("merge lora; merge ssf")
      #expect(try looker.number("maxdiff(delta(blocks.0.attn.qkv), d)") < 1e-5)
      #expect(try looker.number("norm(d)") > 0.01)
    }
  }

  @Test func picturesAreWritten() throws {
    try withScratch { folder in
      let looker = adapter("init=bert")
      looker.run("step 2")
      for (i, line) in ["show adapter", "show flow", "plot loss", "hist blocks.0.mlp.up"].enumerated() {
        let path = "\(folder)/\(i).svg"
        let shown = looker.run("\(line) save=\"\(path)\"")
        #expect(!shown.contains { $0.kind == "error" }, "\(line)")
        let svg = try looker.session.surroundings.files.text(of: path)
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n") && svg.contains("<rect"))
        #expect(
          !looker.run("\(line) save=\"\(path)\"").contains { $0.kind == "error" }, "its own is replaced")
      }
      #expect(looker.failure("show adapter save=x.png").contains("SVG"))
      try looker.session.surroundings.files.write("\(folder)/mine.svg", text: "a letter")
      #expect(looker.failure("plot loss save=\"\(folder)/mine.svg\"").contains("no picture"))
      #expect(!looker.failure("show adaptr save=\"\(folder)/none.svg\"").isEmpty)
      #expect(try !looker.session.surroundings.files.exists("\(folder)/none.svg"))
    }
  }
}
