import Data
import Engine
import Methods
import Options
import Testing

@testable import Networks
@testable import Training

/// Pairs of rows over small numbers, and a model with one score.
enum SmallPairs {
  static func model(classes: Int = 0, method: (any TuningMethod)? = LoRA()) throws -> Model {
    Threads.shared.count = 1
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (29, 24, 32, 4, 2)
    form.classes = classes
    let chance = Chance(seed: 1)
    let model = try GPT.model(form, chance: chance) { name, shape in
      let drawn = chance.normal(shape, deviation: 0.2, purpose: "random " + name)
      return name.contains("norm") && name.hasSuffix("weight") ? try? drawn.shifted(by: 1) : drawn
    }
    func attach<M: TuningMethod>(_ method: M) throws {
      try Networks.Attachment(method, to: model, name: "it")
    }
    if let method { try attach(method) }
    model.words = Words(
      encode: { $0.utf8.map { Int($0) % 28 } }, decode: { $0.map { String($0) }.joined(separator: " ") },
      end: 28)
    return model
  }

  static func batch(_ pairs: Int = 4, agreement: Double = 1, margin: Double = 0) throws -> Batch {
    func row(_ i: Int, _ skill: Int) throws -> Example {
      let ids = AlphabetTask.row(start: i, skill: skill, length: 6 + i % 3)
      return try Example(ids: ids, labels: ids.enumerated().map { $0.offset < 3 ? -100 : $0.element })
    }
    var batch = try Batch((0..<pairs).map { try row($0, 2) } + (0..<pairs).map { try row($0, 5) }, pad: 0)
    batch.preferences = Array(repeating: Preference(agreement: agreement, margin: margin), count: pairs)
    return batch
  }
}

/// Losses of supervised learning, of reward models and of DPO: what must hold of each.
@Suite struct ObjectiveTests {
  /// Documents that share a row read nothing of each other: their losses are those of rows of their own.
  @Test func packedDocumentsReadThemselvesAlone() throws {
    let model = try SmallGPT.model()
    let rows = try [5, 7, 4, 6].enumerated().map { i, n in
      try Example(ids: AlphabetTask.row(start: i * 3, skill: 2, length: n))
    }
    let alone = try rows.map { try LanguageLoss(model, Batch([$0], pad: 0), Pass()).each }
    let packed = try Batch(RowPacking.packed(rows, capacity: 12), pad: 0)
    #expect(packed.rows == 2 && packed.documents != nil)
    let together = try LanguageLoss(model, packed, Pass())
    let wanted = alone.flatMap { $0 }.sorted(), found = together.each.sorted()
    #expect(found.count == wanted.count)
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-5) }
    // Without the documents' numbers they would read each other.
    var mixed = packed
    mixed.documents = nil
    let wrong = try LanguageLoss(model, mixed, Pass()).each.sorted()
    #expect(zip(wrong, wanted).contains { abs($0 - $1) > 1e-2 })
  }

  @Test func packedRowsRefuseVectors() throws {
    let model = try SmallGPT.model()
    try Networks.Attachment(PromptTuning(), to: model, name: "prompt")
    let packed = try Batch(
      RowPacking.packed([Example(ids: [1, 2, 3]), Example(ids: [4, 5])], capacity: 9), pad: 0)
    let failure = try #require(throws: Failure.self) { try LanguageLoss(model, packed, Pass()) }
    #expect(failure.cure.contains("packing=no"))
  }

  @Test func answerScoresAreTheLossByToken() throws {
    let model = try SmallPairs.model(), batch = try SmallPairs.batch()
    let scores = try AnswerScores(model, batch, Pass(), wantsEntropy: true),
      loss = try LanguageLoss(model, batch, Pass())
    #expect(
      scores.counted == loss.each.count && scores.lengths == batch.targets.map { $0.filter { $0 >= 0 }.count }
    )
    for (a, b) in zip(scores.each, loss.each) { #expect(abs(a + b) < 1e-5) }
    #expect(scores.entropy > 0 && scores.entropy < 3.4)
    let dft = try SFT.with { $0.form = .dft }.loss(model, batch.alone, Pass(), TrainerState())
    let wanted = try AnswerScores(model, batch.alone, Pass()).each.reduce(0.0) {
      $0 - Double($1) * Double($1).exponent(of: $1)
    }
    #expect(abs(Double(dft.loss.item) - wanted / Double(scores.counted)) < 1e-5)
  }

  /// Only differences count: the same number on every score leaves the loss as it is.
  @Test func aRewardIsADifference() throws {
    let a = try Tensor([3, 1], [1, 2, 0.5]), b = try Tensor([3, 1], [0, 2.5, -1]),
      pairs = [Preference](repeating: .init(), count: 3)
    let plain = try RewardModel.losses(a, b, pairs), shifted = try RewardModel.losses(a + 5, b + 5, pairs)
    #expect(try plain.largestDifference(from: shifted) < 1e-6)
    let centred = try RewardModel.losses(a + 5, b + 5, pairs, center: 0.01)
    #expect(try centred.largestDifference(from: plain) > 1)
    let half = [Preference](repeating: Preference(agreement: 0.5), count: 3)
    let soft = try RewardModel.losses(a, b, half, soft: true),
      turned = try RewardModel.losses(b, a, half, soft: true)
    #expect(try soft.largestDifference(from: turned) < 1e-6)
  }

  @Test func aRewardModelLearnsPairs() throws {
    let model = try SmallPairs.model(classes: 1), trainer = Trainer(), batch = try SmallPairs.batch()
    (trainer.state.objective, trainer.state.rate) = (RewardModel(), 1e-2)
    for _ in 0..<30 { try trainer.step(model, Same(batch)) }
    let found = try PairEvaluation(model, [batch])
    #expect(found.accuracy == 1 && found.margin > 1 && found.loss < 0.3 && found.ceiling == 1)
    #expect(trainer.state.figures.last("accuracy") == 1)
    #expect(trainer.state.figures.values(of: "margin").count == 30)
  }

  /// Before the first step policy and reference are one: log 2, whatever attachment and data.
  @Test(arguments: ["lora", "full", "prefix", "bitfit"]) func dpoStartsAtLog2(name: String) throws {
    let model = try SmallPairs.model(method: Methods.named(name).init()), batch = try SmallPairs.batch()
    let bits = model.bits
    // A prefix already changes what the model says.
    let loss = try DPO().loss(model, batch, Pass(), TrainerState())
    if name != "prefix" { #expect(abs(loss.loss.item - 0.693147) < 1e-5) }
    #expect(model.bits == bits && model.attachments.allSatisfy(\.isOn) && !model.trainable.isEmpty)
  }

  @Test(arguments: DPO.Form.allCases) func dpoLearnsPairs(form: DPO.Form) throws {
    let model = try SmallPairs.model(), trainer = Trainer(), batch = try SmallPairs.batch()
    (trainer.state.objective, trainer.state.rate) = (DPO.with { ($0.form, $0.beta) = (form, 0.5) }, 1e-2)
    let base = try AnswerScores(model, batch, Pass(isBase: true)).values
    for _ in 0..<25 { try trainer.step(model, Same(batch)) }
    let losses = trainer.state.losses.values
    #expect(losses[24] < losses[0])
    #expect(try PairEvaluation(model, [batch], beta: 0.5).accuracy == 1)
    // The reference is still the base, bit for bit.
    let reference = try model.asReference { try AnswerScores(model, batch, Pass()).values }
    #expect(reference.isIdentical(to: base))
  }

  @Test func whatCannotBeLearntIsRefused() throws {
    let words = try SmallPairs.model(), scores = try SmallPairs.model(classes: 1),
      two = try SmallPairs.model(classes: 2)
    let pairs = try SmallPairs.batch(), plain = pairs.alone
    func refused(_ objective: any Objective, _ model: Model, _ batch: Batch, _ says: String) throws {
      let trainer = Trainer()
      trainer.state.objective = objective
      let failure = try #require(throws: Failure.self) { try trainer.step(model, Same(batch)) }
      #expect((failure.what + failure.cure).contains(says), "\(failure.what) \(failure.cure)")
      #expect(trainer.state.step == 0)
    }
    try refused(SFT(), words, pairs, "trainer dpo")
    try refused(DPO(), words, plain, "data pairs")
    try refused(DPO(), scores, pairs, "goes on with text")
    try refused(RewardModel(), words, pairs, "classes=1")
    try refused(RewardModel(), two, pairs, "one score")
    try refused(PPO(), words, plain, "what an answer is worth")
    let bare = try SmallPairs.model(method: nil)
    try refused(DPO(), bare, pairs, "attach")
  }
}

extension Batch {
  /// The same rows without pairs.
  var alone: Batch {
    var copy = self
    copy.preferences = nil
    return copy
  }
}

extension Objective {
  /// With some options changed.
  static func with(_ change: (inout Self) -> Void) -> Self {
    var copy = Self()
    change(&copy)
    return copy
  }
}

extension Double {
  fileprivate func exponent(of x: Float) -> Double { Double((try? Tensor(x).exp().item) ?? .nan) }
}
