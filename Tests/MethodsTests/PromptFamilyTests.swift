import Data
import Engine
import Methods
import Options
import Testing
import Training

@testable import Networks

/// What prefix tuning and P-tuning promise beyond the laws.
struct PromptFamilyTests {
  private let rows = [[3, 1, 4, 15, 9, 2], [5, 25, 8, 9, 7, 9]]

  /// Keys and values of a text stand in for the text itself, positions and all.
  @Test func aTextAsPrefixIsAsIfItHadBeenRead() throws {
    let model = try TinyGPT.random(), words = try #require(model.words)
    let text = "egi", ids = try words.encode(text)
    let read = try model.logits(Input(rows.map { ids + $0 }), Pass())
    let prefix = try model.attach("prefix", with: [("text", .text(text)), ("train", .flag(false))])
    #expect(prefix.parameters.map(\.leaf) == ["K", "V", "K", "V"] && model.trainableCount == 0)
    let own = try model.logits(Input(rows), Pass())
    let wanted = try read.slice(axis: 1, ids.count..<ids.count + 6)
    #expect(try own.largestDifference(from: wanted) < 1e-5 * wanted.most)
    var thawed = 0
    for parameter in prefix.parameters { parameter.pin = true }
    model.refreshTrainable()
    thawed = model.trainableCount
    #expect(thawed == 2 * 2 * ids.count * 32)
  }

  @Test func contradictionsAreNamed() throws {
    let model = try TinyGPT.random()
    let before = model.fingerprint
    func failure(_ method: String, _ values: [(name: String, value: OptionValue)]) -> String {
      var what = ""
      do { try model.attach(method, with: values) } catch {
        what = (error as? Failure)?.description ?? "\(error)"
      }
      #expect(model.fingerprint == before)
      return what
    }
    #expect(failure("prefix", [("text", .text("eg")), ("encoder", .text("mlp"))]).contains("encoder=mlp"))
    #expect(failure("prefix", [("text", .text("eg")), ("init", .text("zero"))]).contains("contradict"))
    #expect(failure("prefix", [("text", .text("eg")), ("n", .integer(3))]).contains("2 tokens"))
    #expect(failure("prefix", [("text", .text("é!"))]).contains("id"))
    #expect(failure("prefix", [("n", .integer(40))]).contains("no room"))
    #expect(failure("ptuning2", [("n", .integer(40))]).contains("no room"))
    #expect(failure("ptuning", [("n", .integer(40))]).contains("no room"))
    #expect(failure("ptuning", [("encoder", .text("none")), ("share", .text("a"))]).contains("encoder=none"))
    #expect(failure("ptuning", [("share", .text("a"))]).contains("“a”"))
    #expect(failure("prompt", [("text", .text("eg")), ("init", .text("vocab"))]).contains("contradict"))
    model.words = nil
    #expect(failure("prefix", [("text", .text("eg"))]).contains("tokenizer"))
  }

  /// One token at a time with a cache, or the whole text anew for each: the same tokens.
  @Test(arguments: ["prefix", "ptuning2", "ptuning", "prompt"]) func generationGoesOnBehindIt(method: String)
    throws
  {
    let model = try TinyGPT.random()
    try model.attach(method, with: [("n", .integer(3))]).stir()
    let made = try model.generate([[3, 1, 4]], count: 6)[0]
    var ids = [3, 1, 4]
    for _ in 0..<6 {
      let logits = try model.logits(Input([ids]), Pass())
      let last = try logits.slice(axis: 1, ids.count - 1..<ids.count).scalars
      ids.append(last.indices.max { last[$0] < last[$1] } ?? 0)
    }
    #expect(Array(ids.dropFirst(3)) == made)
    let long = try model.generate([[3, 1, 4]], count: 60)[0]
    #expect(long.count + 3 + 3 - 1 <= 40, "no token beyond the context: \(long.count)")
  }

  /// Even zeros draw attention, and more of it the fewer letters there are.
  @Test func aPrefixOfZerosIsNotNothing() throws {
    let model = try TinyGPT.random(), base = try model.logits(Input(rows), Pass())
    try model.attach("prefix", with: [("n", .integer(4)), ("init", .text("zero"))])
    let trace = Trace { $0.kind == .attention }
    let hidden = try model.network.hidden(Input(rows), Pass(trace: trace))
    #expect(hidden.states.shape == [2, 6, 32])
    let all = try #require(trace.attention["blocks.0.attn"])
    #expect(all.shape == [2, 4, 6, 10])
    let mass = try all.slice(axis: 3, 0..<4).scalars
    #expect(mass.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(try model.logits(Input(rows), Pass()).largestDifference(from: base) > 0.01)
  }

  @Test func countsOfTheTutorialsModels() {
    let entry = Site("input", .entry, width: (1024, 1024)),
      attention = Site("attn", .attention, width: (1024, 1024))
    var ptuning = PTuning()
    (ptuning.n, ptuning.encoder, ptuning.hidden, ptuning.like) = (20, .mlp, 128, .peft)
    #expect(ptuning.count(at: [entry]) == 300_288)
    var prefix = PrefixTuning()
    (prefix.n, prefix.encoder) = (20, .none)
    #expect(prefix.count(at: Array(repeating: attention, count: 24)) == 983_040)
    var grouped = PrefixTuning()
    (grouped.n, grouped.like) = (5, .peft)
    attention.keyWidth = 8  // heads that share keys: one table of 5 × 2·2·8
    #expect(grouped.count(at: [attention, attention]) == 5 * 2 * 2 * 8)
  }

  /// Through the LSTM each vector depends on every row of E; by themselves, each on its own row only.
  @Test func theEncoderTiesVectorsTogether() throws {
    for (encoder, isTied) in [("lstm", true), ("mlp", false), ("none", false)] {
      let model = try TinyGPT.random()
      let it = try model.attach("ptuning", with: [("n", .integer(4)), ("encoder", .text(encoder))])
      let e = try #require(it.parameters.first { $0.shape == [4, 32] }), value = e.value
      let before = try #require(try model.addedVectors(Pass()))
      var numbers = value.scalars
      for i in 32..<64 { numbers[i] += 0.5 }
      e.value = try Tensor(value.shape, numbers)
      let after = try #require(try model.addedVectors(Pass()))
      for row in 0..<4 {
        let range = row..<row + 1
        let moved = try after.slice(axis: 0, range).largestDifference(from: before.slice(axis: 0, range))
        #expect((moved > 0) == (isTied || row == 1), "\(encoder), vector \(row)")
      }
    }
  }

  @Test func twoTasksShareOneEncoder() throws {
    let model = try TinyGPT.random()
    let start = model.fingerprint
    let a = try model.attach("ptuning", as: "a", with: [("n", .integer(3))])
    let b = try model.attach("ptuning", as: "b", with: [("n", .integer(2)), ("share", .text("a"))])
    #expect(b.parameters.map(\.name) == ["b.E"])
    a.isOn = false
    #expect(model.trainable.count == a.parameters.count, "the encoder trains through b; a's own E does not")
    let own = a.parameters[0].value.hash(), encoder = a.parameters[1].value.hash()
    try model.trained(1)
    #expect(a.parameters[0].value.hash() == own && a.parameters[1].value.hash() != encoder)
    a.isOn = true
    let logits = try model.tinyLogits(), before = model.fingerprint
    for act in [{ try a.detach(from: model) }, { _ = try a.settle(in: model) }] {
      let failure = #expect(throws: Failure.self, performing: act)
      #expect(failure?.what.contains("b uses its encoder") == true)
      #expect(model.fingerprint == before)
    }
    try b.settle(in: model)
    #expect(try model.tinyLogits().largestDifference(from: logits) == 0)
    #expect(model.attachments[1].parameters.map(\.name) == ["b.P"])
    try a.detach(from: model)
    try model.attachments[0].detach(from: model)
    #expect(model.fingerprint == start)
    let small = try model.attach("ptuning", as: "a", with: [("encoder", .text("mlp"))])
    let failure = #expect(throws: Failure.self) {
      try model.attach("ptuning", as: "b", with: [("share", .text("a"))])
    }
    #expect(failure?.what.contains("no encoder that b could use") == true)
    try small.detach(from: model)
  }

  /// On a model that answers with a class, the head trains beside the prefix, and comes back as it was.
  @Test(arguments: ["ptuning2", "prefix", "ptuning"]) func aHeadTrainsBesideIt(method: String) throws {
    let model = try TinyModel.encoder.random()
    let start = model.fingerprint, head = model.taskHead
    let it = try model.attach(method, with: [("n", .integer(3))])
    #expect(!head.isEmpty && head.allSatisfy { it.claims($0) && $0.isTrainable })
    let own = it.parameters.reduce(0) { $0 + $1.count }
    #expect(model.trainableCount == own + head.reduce(0) { $0 + $1.count })
    if method == "ptuning2" { #expect(own == model.layers * 2 * 3 * 16) }
    let losses = try model.trained(40)
    let first = losses.prefix(5).reduce(0, +), last = losses.suffix(5).reduce(0, +)
    #expect(last < 0.9 * first, "\(first) → \(last)")
    let logits = try model.tinyLogits()
    if method != "ptuning2" {
      try it.settle(in: model)
      #expect(try model.tinyLogits().largestDifference(from: logits) == 0)
      #expect(head.allSatisfy { model.attachments[0].claims($0) && $0.isTrainable })
    }
    try model.attachments[0].detach(from: model)
    #expect(model.fingerprint == start)
  }

  /// Vectors inside a row: as if the row had been read with them in their places.
  /// Vectors right before the answer say its first token, as words in their place would; generation goes on from them.
  @Test func vectorsBeforeTheAnswerSayIt() throws {
    let model = try TinyGPT.random(), table = try #require(model.parameter("embed.weight")).value
    let it = try model.attach("ptuning", with: [("n", .integer(2)), ("encoder", .text("none"))])
    it.parameters[0].value = try table.gather([3, 1])
    let ignored = Example.ignored
    var placed = try Example(ids: [7, 11, 13, 17], labels: [ignored, ignored, ignored, 17])
    placed.slots = [3]
    let plain = try Example(
      ids: [7, 11, 13, 3, 1, 17], labels: [ignored, ignored, ignored, ignored, ignored, 17])
    let own = try Loss(model, Batch([placed], pad: 0), Pass()).loss.item
    let wanted = try Loss(model, Batch([plain], pad: 0), Pass(isBase: true)).loss.item
    let before = try Loss(model, Batch([placed], pad: 0), Pass(isBase: true)).loss.item
    #expect(abs(own - wanted) < 1e-5 && abs(own - before) > 1e-3)
    var input = Input([[7, 11, 13]])
    input.slots = [[3]]
    let next = try model.nextLogits(input, Pass()).reshaped([table.shape[0]])
    let words = try model.nextLogits(Input([[7, 11, 13, 3, 1]]), Pass(isBase: true))
    #expect(try next.largestDifference(from: words.reshaped([table.shape[0]])) < 1e-4)
  }

  @Test func slotsTakeTheVectorsInOrder() throws {
    let model = try TinyGPT.random(), table = try #require(model.parameter("embed.weight")).value
    let ids = [3, 1, 4, 15, 9], words = [7, 11, 13, 17, 19]
    let it = try model.attach("ptuning", with: [("n", .integer(5)), ("encoder", .text("none"))])
    it.parameters[0].value = try table.gather(words)
    var input = Input([ids, [0, 0, 15, 9, 2]], mask: [[1, 1, 1, 1, 1], [0, 0, 1, 1, 1]])
    input.slots = [[0, 2, 5], [2, 2, 5]]
    let logits = try model.logits(input, Pass())
    let plain = [7, 11, 3, 1, 13, 17, 4, 15, 9, 19], padded = [0, 0, 7, 11, 13, 17, 15, 9, 2, 19]
    let mask: [[UInt8]] = [[UInt8](repeating: 1, count: 10), [0, 0] + [UInt8](repeating: 1, count: 8)]
    let all = try model.logits(Input([plain, padded], mask: mask), Pass(isBase: true))
    func row(_ i: Int, _ columns: [Int]) throws -> Tensor {
      let one = try all.slice(axis: 0, i..<i + 1).reshaped([10, all.width])
      return try one.gather(columns)
    }
    let wanted = try Tensor.concat([row(0, [2, 3, 6, 7, 8]), row(1, [6, 7, 8])], axis: 0)
    let own = try Tensor.concat(
      [
        logits.slice(axis: 0, 0..<1).reshaped([5, logits.width]),
        logits.slice(axis: 0, 1..<2).reshaped([5, logits.width]).slice(axis: 0, 2..<5),
      ], axis: 0)
    #expect(try own.largestDifference(from: wanted) < 1e-5 * wanted.most)
    input.slots = [[0, 1, 2, 3, 4, 5], [2, 2, 2, 3, 4, 5]]
    let failure = #expect(throws: Failure.self) { try model.logits(input, Pass()) }
    #expect(failure?.what.contains("6 places {prompt}") == true && failure?.cure.contains("n=6") == true)
    input.slots = [[0], [6]]
    #expect(throws: (any Error).self) { try model.logits(input, Pass()) }
  }
}
