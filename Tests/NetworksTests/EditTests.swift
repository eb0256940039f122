import Engine
import Testing

@testable import Networks

struct EditTests {
  /// Every layer type runs through its site: an edit there reaches the logits, and leaves with its owner.
  @Test func everySiteTakesAnOutputEdit() throws {
    let model = try SmallGPT.model()
    let plain = try model.logits(SmallGPT.rows)
    for site in model.sites where site.kind != .entry {
      let hook = Hook()
      try hook.place(model, site.name) { $0.output = { _, y, _ in try y * y } }
      #expect(!site.isPlain(Pass()))
      let changed = try model.logits(SmallGPT.rows)
      #expect(try changed.largestDifference(from: plain) > 1e-3, "\(site.name)")
      #expect(try model.logits(SmallGPT.rows, nil, Pass(isBase: true)).hash() == plain.hash())
      hook.isOn = false
      #expect(try model.logits(SmallGPT.rows).hash() == plain.hash(), "\(site.name)")
      hook.remove()
      #expect(site.isPlain(Pass()))
    }
  }

  @Test func whatCameFirstRunsFirst() throws {
    let model = try SmallGPT.model(), first = Hook(), second = Hook()
    let name = "blocks.0.mlp.down"
    var seen: [String] = []
    for (hook, label) in [(first, "first"), (second, "second")] {
      try hook.place(model, name) {
        $0.input = { x, _ in
          seen.append(label + " in")
          return label == "first" ? try x.scaled(by: 2) : try x.shifted(by: 1)
        }
        $0.output = { _, y, _ in
          seen.append(label + " out")
          return y
        }
      }
    }
    let trace = Trace { $0.name == name || $0.name == "blocks.0.mlp.up" }
    _ = try model.logits(SmallGPT.rows, nil, Pass(trace: trace))
    #expect(seen == ["first in", "second in", "first out", "second out"])
    let up = try #require(trace.outputs["blocks.0.mlp.up"])
    let read = try up.geluTanh().scaled(by: 2).shifted(by: 1)
    #expect(try read.largestDifference(from: #require(trace.inputs[name])) < 1e-6)
  }

  /// An output edit is given what the layer read after all input edits.
  @Test func outputEditsSeeTheEditedInput() throws {
    let model = try SmallGPT.model(), hook = Hook()
    var read: UInt64 = 0
    try hook.place(model, "blocks.1.mlp.up") {
      $0.output = { x, y, _ in
        read = x.hash()
        return y
      }
    }
    try hook.place(model, "blocks.1.mlp.up") { $0.input = { x, _ in try x.scaled(by: 3) } }
    let trace = Trace()
    _ = try model.logits(SmallGPT.rows, nil, Pass(trace: trace))
    #expect(read == (try #require(trace.outputs["blocks.1.norm2"]).scaled(by: 3)).hash())
  }

  /// A low-rank term is y + s·B·A·x, and terms of several owners add up.
  @Test func termsAddUp() throws {
    let model = try SmallGPT.model(), one = Hook(), two = Hook()
    let site = "blocks.1.attn.o"
    let factors = (0..<2).map { (random([4, 32], "a\($0)"), random([32, 4], "b\($0)")) }
    func output() throws -> (x: Tensor, y: Tensor) {
      let trace = Trace { $0.name == site }
      _ = try model.logits(SmallGPT.rows, nil, Pass(trace: trace))
      return (try #require(trace.inputs[site]), try #require(trace.outputs[site]))
    }
    let plain = try output()
    for (hook, factor) in zip([one, two], factors) {
      try hook.place(model, site) { $0.term = { _, _ in LowRankTerm(a: factor.0, b: factor.1, scale: 0.5) } }
    }
    var wanted = plain.y
    for (a, b) in factors {
      let change = try plain.x.reshaped([12, 32]).matmul(a.transposed()).matmul(b.transposed()).scaled(
        by: 0.5)
      wanted = try wanted + change.reshaped([2, 6, 32])
    }
    #expect(try output().y.largestDifference(from: wanted) < 1e-5)
    one.isOn = false
    two.remove()
    #expect(try output().y.hash() == plain.y.hash())
  }

  /// Vectors put before the text: two prompts stack, the later one in front; logits are the text's own.
  @Test func sequencesGrowAtTheFront() throws {
    let model = try SmallGPT.model(), hooks = [Hook(), Hook()]
    let trace = Trace { $0.kind == .entry }
    for (i, hook) in hooks.enumerated() {
      try hook.place(model, "input") {
        $0.sequence = { sequence, _ in try sequence.prepending(random([i + 1, 32], "p\(i)")) }
      }
    }
    let pass = Pass(trace: trace)
    let hidden = try model.network.hidden(Input(SmallGPT.rows), pass)
    #expect(hidden.columns == [[Int]](repeating: [-1, -1, -1, 0, 1, 2, 3, 4, 5], count: 2))
    let entered = try #require(trace.outputs["input"])
    #expect(entered.shape == [2, 9, 32])
    let front = try Tensor.concat([random([2, 32], "p1"), random([1, 32], "p0")], axis: 0)
    for row in 0..<2 {
      let own = try entered.slice(axis: 0, row..<row + 1).slice(axis: 1, 0..<3).reshaped([3, 32])
      #expect(own.hash() == front.hash())
    }
    #expect(try model.logits(SmallGPT.rows).shape == [2, 6, 29])
    let full = [Array(repeating: 1, count: 22)]
    let error = #expect(throws: EngineError.self) { try model.logits(full) }
    #expect(error?.description.contains("25 positions (3 of them added by a method)") == true)
  }

  /// What nobody edits is recorded by nobody: frozen weights leave the tape empty.
  @Test func nothingIsRecordedBelowTheFirstEdit() throws {
    let model = try SmallGPT.model(), hook = Hook()
    for parameter in model.parameters { parameter.pin = false }
    model.refreshTrainable()
    let a = random([4, 32], "a"), b = random([32, 4], "b")
    try hook.place(model, "blocks.1.attn.o") {
      $0.term = { _, pass in LowRankTerm(a: pass.tape?.track(a) ?? a, b: b, scale: 1) }
    }
    let tape = Tape()
    _ = try model.logits(SmallGPT.rows, nil, Pass(tape: tape))
    let places = tape.entries.filter { $0.op != "leaf" }.map(\.place)
    #expect(places.first == "blocks.1.attn.o" && !places.contains { $0.hasPrefix("blocks.0") })
    #expect(tape.entries.filter { $0.op == "leaf" }.count == 1)
  }

  @Test func dropoutIsKeyedByNameAndStep() throws {
    let x = Tensor.filled([4, 100], 1)
    func hash(_ name: String, _ step: Int, isTraining: Bool = true, _ p: Float = 0.5) throws -> UInt64 {
      try Pass(isTraining: isTraining, chance: Chance(seed: 1), step: step).dropout(x, p, name).hash()
    }
    #expect(try hash("a", 0) == hash("a", 0))
    #expect(try Set([hash("a", 0), hash("b", 0), hash("a", 1), x.hash()]).count == 4)
    #expect(try hash("a", 0, isTraining: false) == x.hash() && hash("a", 0, 0) == x.hash())
  }
}
