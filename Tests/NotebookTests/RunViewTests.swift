import Data
import Engine
import Events
import Networks
import Testing
import Training

@testable import Notebook

/// Views of a run, of the data and of the memory.
@Suite struct RunViewTests {
  private func heatmap(_ looker: Looker, _ line: String) throws -> Heatmap {
    for case .heatmap(let map) in looker.run(line) { return map }
    throw EngineError.shapes(op: line, "no heatmap")
  }

  @Test func attentionIsCausalAndSumsToOne() throws {
    let looker = Looker.lora()
    let map = try heatmap(looker, "show attn row=1"), subject = try #require(looker.session.currentSubject)
    #expect(map.rows == (try subject.batch().ids[1]).map(subject.tokenizer.token))
    #expect(map.columns == map.rows)
    for (q, row) in map.values.enumerated() {
      #expect(abs(row.reduce(0, +) - 1) < 1e-5)
      #expect(row.dropFirst(q + 1).allSatisfy { $0 == 0 })
    }
    let first = try heatmap(looker, "show attn head=0 row=1"),
      second = try heatmap(looker, "show attn head=1 row=1")
    #expect(first.values != second.values)
    #expect(abs(map.values[5][2] - (first.values[5][2] + second.values[5][2]) / 2) < 1e-7)
    #expect(try heatmap(looker, "show attn head=0,1 row=1").values == map.values)
    #expect(try heatmap(looker, "show attn blocks.1 text=\"egi\"").rows == ["e", "g", "i"])
  }

  @Test func addedPositionsAreLabelled() throws {
    let looker = Looker("gpt layers=1 dim=8 heads=2 ctx=32", "task +2", "attach prompt n=2")
    let map = try heatmap(looker, "show attn")
    #expect(map.columns.prefix(2) == ["p0", "p1"] && map.columns.count == 18)
    #expect(looker.text("show attn", width: 120).contains("p0 … are vectors of a prompt"))
    let subject = try #require(looker.session.currentSubject)
    let site = try #require(subject.model.site("blocks.0.attn"))
    final class Owner: EditOwner { let isOn = true }
    let owner = Owner()
    var edit = Edit()
    edit.keysValues = { _, known, _ in
      var more = known
      more.extra = (Tensor.zeros([3, 8]), Tensor.zeros([3, 8]))
      return more
    }
    site.place(edit, by: owner)
    defer { site.remove(owner) }
    let wide = try heatmap(looker, "show attn")
    #expect(wide.columns.prefix(5) == ["k0", "k1", "k2", "p0", "p1"] && wide.columns.count == 21)
    #expect(wide.rows.count == 18)
  }

  @Test func activationsCountExactZeros() throws {
    let looker = Looker.lora()
    #expect(looker.text("show act blocks.0.mlp.up").contains("exact zeros 0"))
    looker.run("hook blocks.0.mlp.up zero keep")
    #expect(looker.text("show act blocks.0.mlp.up").contains("exact zeros 100 %"))
    for case .histogram(let one) in looker.run("show act blocks.0") {
      #expect(one.counts.reduce(0, +) == 4 * 16 * 16)
    }
  }

  /// Rows of different length, with labels on the end only.
  private func labelled() throws -> Looker {
    let looker = Looker("gpt layers=1 dim=8 heads=2 ctx=16")
    let examples = try (2...5).map { n in
      try Example(
        ids: Array(0..<n), labels: Array(repeating: Example.ignored, count: n - 1) + [n - 1], choice: n % 2)
    }
    let subject = try #require(looker.session.currentSubject)
    subject.source = try ExampleBatches(
      "letters", training: examples, heldOut: examples, rows: 4, filler: 0, seed: 1)
    subject.task = TaskFacts(name: "letters", labels: ["odd", "even"], template: "{text}:")
    return looker
  }

  @Test func batchShowsPaddingAndLoss() throws {
    let looker = try labelled(), subject = try #require(looker.session.currentSubject)
    let batch = try subject.batch()
    for row in 0..<batch.rows {
      let table = looker.table("show batch row=\(row)")
      let real = batch.keep[row].reduce(0, +)
      #expect(table.column("is") == batch.keep[row].map { $0 == 1 ? "real" : "○ padding" })
      #expect(table.column("loss?").filter { $0 == "● yes" }.count == 1)
      #expect(table.column("label").dropLast().allSatisfy { $0 == "−100" })
      #expect(table.column("label").last == table.column("token").last)
      #expect(table.column("−ln p").filter { $0 != .empty }.count == 1 && real >= 2)
    }
    let text = looker.text("show batch")
    #expect(
      text.contains("padding \(batch.keep.joined().filter { $0 == 0 }.count) ")
        && text.contains("carry loss 4 "))
  }

  @Test func dataTellsClassesAndSplit() throws {
    let looker = try labelled(), text = looker.text("show data")
    for part in [
      "training 4", "held out 4", "steps an epoch 1", "class 0: 2", "class 1: 2", "50 %", "odd · even",
      "{text}:",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    #expect(Looker.lora().text("show data").contains("26 rows, always the same, with 390 targets"))
  }

  @Test func lossKeepsTheFloorInSight() throws {
    let looker = Looker("gpt layers=1 dim=8 heads=2 ctx=16", "task +1,+2", "step 7")
    for line in ["show loss", "plot", "plot loss"] {
      var found = false
      for case .curve(let curve) in looker.run(line) {
        found = true
        #expect(curve.series[0].x == (1...7).map(Double.init) && curve.axis == "step")
        #expect(curve.series.map(\.name) == (line == "show loss" ? ["loss", "floor"] : ["loss"]))
      }
      #expect(found)
    }
    #expect(looker.text("show loss").contains("floor 0.0462"))
    looker.run("step -4")
    for case .curve(let curve) in looker.run("plot") { #expect(curve.series[0].y.count == 3) }
  }

  @Test func memoryAddsUp() throws {
    let looker = Looker.lora(), model = try #require(looker.session.currentSubject?.model)
    let table = looker.table("show memory")
    #expect(table.cell("gradients", "now") == .bytes(4 * model.trainableCount))
    #expect(table.cell("gradients", "full tuning") == .bytes(4 * model.baseCount))
    #expect(table.cell("optimizer", "now") == .bytes(8 * model.trainableCount))
    #expect(table.cell("optimizer", "full tuning") == .bytes(8 * model.baseCount))
    func bytes(_ title: String) -> [Int] {
      table.column(title).map { if case .bytes(let n) = $0 { n } else { 0 } }
    }
    let now = bytes("now")
    #expect(now.last == now.dropLast().reduce(0, +))
    guard case .bytes(let base) = table.cell("base weights", "now") else { return }
    #expect(base >= 4 * model.baseCount)
    looker.run("optimizer sgd; step")
    #expect(looker.table("show memory").cell("optimizer", "now") == .bytes(0))
    #expect(Looker("gpt").text("show memory").contains("measured once there is data"))
  }
}

@Test func gradientNormsAreKeptForAWhile() {
  var history = GradientHistory()
  for i in 0..<40 { history.append([("a", Float(i)), ("b", 1)]) }
  #expect(history.values(of: "a") == (8..<40).map { Float($0) }, "the last 32")
  #expect(history.values(of: "c") == [])
  history.append([("a", 7)])
  #expect(history.values(of: "a") == [7] && history.values(of: "b") == [], "others train: it starts anew")
}
