import Engine
import Methods
import Options
import Testing

@testable import Networks

/// What is particular to bottleneck adapters; the laws hold the rest.
struct AdapterTests {
  @Test func defaultsOfPaperAndLibrary() {
    func make(_ kind: Adapter.Kind, _ like: Adapter.Like = .paper) -> Adapter {
      var adapter = Adapter()
      (adapter.kind, adapter.like) = (kind, like)
      return adapter
    }
    let paper = make(.houlsby), library = make(.houlsby, .adapters)
    #expect(paper.activation == .gelu && paper.start == .paper && paper.bottleneck(of: 768) == 48)
    #expect(library.activation == .swish && library.start == .bert && library.bottleneck(of: 768) == 48)
    let pfeiffer = make(.pfeiffer), parallel = make(.parallel)
    #expect(pfeiffer.activation == .relu && pfeiffer.start == .bert && pfeiffer.strength == 1)
    #expect(parallel.activation == .relu && parallel.start == .mam && parallel.strength == 4)
    #expect(parallel.bottleneck(of: 768) == 384)
    var narrow = Adapter()
    narrow.reduction = 7
    #expect(narrow.bottleneck(of: 30) == 4)
    narrow.width = 5
    #expect(narrow.bottleneck(of: 30) == 5)
  }

  /// With U at zero the model is what it was, whatever D is; and U alone has a gradient.
  @Test(arguments: Adapter.Kind.allCases.map(\.rawValue)) func nothingAtTheStart(kind: String) throws {
    let model = try TinyGPT.random(), before = try model.tinyLogits().hash()
    let values: [(name: String, value: OptionValue)] = [
      ("kind", .text(kind)), ("init", .text("mam_adapter")), ("like", .text("adapters")),
    ]
    let adapter = try model.attach("adapter", with: values)
    #expect(try model.tinyLogits().hash() == before)
    let start = adapter.parameters.map { ($0, $0.value.hash()) }
    try model.trained(1)
    for (parameter, hash) in start {
      let moves = parameter.leaf.hasPrefix("up")
      #expect((parameter.value.hash() != hash) == moves, "\(parameter.name)")
    }
  }

  /// What each kind reads, by hand.
  @Test(arguments: Adapter.Kind.allCases) func kindsReadWhatTheyShould(kind: Adapter.Kind) throws {
    let model = try TinyGPT.random()
    var method = Adapter()
    (method.kind, method.sd, method.scale, method.act) = (kind, 0.3, 1.5, .tanh)
    method.like = .adapters
    let plain = try trace(model)
    let x = try #require(plain.inputs["blocks.0.mlp.add"]),
      y = try #require(plain.outputs["blocks.0.mlp.add"])
    #expect(try y.largestDifference(from: #require(plain.outputs["blocks.0.mlp.down"])) == 0)
    var placement = Attachment.Placement()
    placement.on = ["blocks.0.mlp.add"]
    let adapter = try Attachment(method, to: model, name: "it", placement: placement)
    try adapter.stir()
    let p = Dictionary(uniqueKeysWithValues: adapter.parameters.map { ($0.leaf, $0.value) })
    let h = kind == .houlsby ? y : kind == .parallel ? x : try x + y
    func value(_ leaf: String) throws -> Tensor { try #require(p[leaf]) }
    let inner = try h.linear(value("down"), bias: value("downBias")).tanh()
    let f = try inner.linear(value("up"), bias: value("upBias")).scaled(by: 1.5)
    let found = try trace(model), got = try #require(found.outputs["blocks.0.mlp.add"])
    #expect(try got.largestDifference(from: y + f) < 1e-5 * got.most)
    #expect(f.most > 0.01)
    // What the layer gave before the adapter is still to be seen.
    #expect(try found.plainOutput("blocks.0.mlp.add")?.largestDifference(from: y) == 0)
  }

  private func trace(_ model: Model) throws -> Trace {
    let trace = Trace()
    _ = try model.logits(TinyGPT.input(TinyGPT.batch()), Pass(trace: trace))
    return trace
  }

  @Test func largerFirstValuesLeadFurtherAway() throws {
    let changes = try [0.001, 0.01, 0.1, 1].map { sd in
      let model = try TinyGPT.random(), before = try model.tinyLogits()
      try model.attach("adapter", with: [("sd", .number(sd))])
      return try model.tinyLogits().largestDifference(from: before)
    }
    #expect(changes[0] > 0)
    for (small, large) in zip(changes, changes.dropFirst()) { #expect(large > 3 * small) }
  }

  @Test func normsTrainInThePaperOnly() throws {
    for (like, count) in [("paper", 10), ("adapters", 0)] {
      let model = try TinyGPT.random()
      try model.attach("adapter", with: [("like", .text(like))])
      #expect(model.trainable.filter { $0.name.contains("norm") }.count == count)
    }
    let model = try TinyGPT.random()
    var placement = Attachment.Placement()
    placement.layers = [1]
    try model.attach("adapter", at: placement)
    #expect(model.trainable.filter { $0.name.contains("norm") }.count == 4)
    #expect(model.trainable.allSatisfy { $0.name.hasPrefix("blocks.1.") })
  }

  @Test func firstValuesAreCut() throws {
    let drawn = Chance(seed: 3).truncatedNormal([100, 100], deviation: 0.01, purpose: "test").scalars
    #expect(drawn.allSatisfy { abs($0) <= 0.02 })
    let deviation = (drawn.reduce(0) { $0 + $1 * $1 } / 10_000).squareRoot()
    #expect(abs(deviation - 0.0088) < 0.0003, "two deviations leave 0.880 of one")
    #expect(drawn.filter { abs($0) > 0.019 }.count > 50)
  }

  @Test func badOptionsAreRefused() throws {
    let model = try TinyGPT.random(), before = model.fingerprint
    for (name, value) in [("reduction", OptionValue.integer(33)), ("act", .text("sigmod"))] {
      let failure = #expect(throws: Failure.self) { try model.attach("adapter", with: [(name, value)]) }
      #expect(failure?.what.contains("\(name)=\(value)") == true)
    }
    #expect(model.fingerprint == before)
    let adapter = try model.attach("adapter", with: [("reduction", .integer(32))])
    #expect(adapter.parameters.first?.shape == [1, 32])
    let failure = #expect(throws: Failure.self) { try adapter.fold(model) }
    #expect(failure?.what.contains("nonlinearity") == true)
  }
}
