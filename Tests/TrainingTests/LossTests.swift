import Data
import Engine
import Foundation
import Methods
import Testing

@testable import Networks
@testable import Training

/// Losses and evaluations equal a plain computation in double precision from all logits.
struct LossTests {
  /// −log softmax(logits)[target] at every place that counts.
  private func plain(_ logits: Tensor, _ batch: Batch) -> [(place: (Int, Int), loss: Double, isRight: Bool)] {
    let width = logits.width, numbers = logits.scalars.map(Double.init)
    var found: [(place: (Int, Int), loss: Double, isRight: Bool)] = []
    for row in 0..<batch.rows {
      for column in 0..<batch.columns where batch.targets[row][column] >= 0 {
        let at = (row * batch.columns + column) * width, target = batch.targets[row][column]
        let scores = numbers[at..<at + width], most = scores.max() ?? 0
        let total = scores.reduce(0) { $0 + exp($1 - most) }
        found.append(((row, column), most + log(total) - scores[at + target], scores[at + target] == most))
      }
    }
    return found
  }

  @Test(arguments: ["none", "lora", "prompt"], [false, true])
  func theLossIsTheMeanOfWhatCounts(method: String, isTraced: Bool) throws {
    let model = try SmallGPT.model(), batch = try SmallGPT.batches().batch(0)
    if method != "none" { try Networks.Attachment(Methods.named(method).init(), to: model, name: "it") }
    let wanted = plain(try model.logits(SmallGPT.input(batch), Pass()), batch)
    let pass = Pass(trace: isTraced ? Trace() : nil)  // with a trace the logits are computed whole
    let loss = try LanguageLoss(model, batch, pass)
    #expect(wanted.count == batch.counted && batch.counted < batch.rows * batch.columns)
    #expect(loss.places.map { [$0.row, $0.column] } == wanted.map { [$0.place.0, $0.place.1] })
    for (one, other) in zip(loss.each, wanted) { #expect(abs(Double(one) - other.loss) < 1e-5) }
    let mean = wanted.reduce(0) { $0 + $1.loss } / Double(wanted.count)
    #expect(abs(Double(loss.loss.item) - mean) < 1e-6)
  }

  /// A head that somebody edits is computed whole, and its gradients are the fused op's.
  @Test func fusedAndWholeHeadsAgree() throws {
    let model = try SmallGPT.model(), batch = try SmallGPT.batches().batch(0)
    func gradients() throws -> (Float, [Tensor]) {
      let tape = Tape()
      let loss = try LanguageLoss(model, batch, Pass(tape: tape)).loss
      let all = try tape.gradients(of: loss)
      return (loss.item, try model.parameters.map { try #require(all[$0.value]) })
    }
    let fused = try gradients()
    let hook = Hook()
    var nothing = Edit()
    nothing.output = { _, y, _ in y }
    model.network.head.place(nothing, by: hook)
    let whole = try gradients()
    #expect(abs(fused.0 - whole.0) < 1e-6)
    for (a, b) in zip(fused.1, whole.1) { #expect(try a.largestDifference(from: b) < 1e-6) }
  }

  @Test func evaluationIsTheMeanOverAllBatches() throws {
    let model = try SmallGPT.model()
    let batches = try (0..<3).map { try SmallGPT.batches(rows: 2 + $0).batch($0) }
    var losses: [Double] = [], hits = 0, firstHits = 0, rows = 0
    for batch in batches {
      let found = plain(try model.logits(SmallGPT.input(batch), Pass()), batch)
      losses += found.map(\.loss)
      hits += found.filter(\.isRight).count
      for row in 0..<batch.rows {
        rows += 1
        firstHits += found.first { $0.place.0 == row }?.isRight == true ? 1 : 0
      }
    }
    let evaluation = try Evaluation(model, batches)
    #expect(evaluation.counted == losses.count)
    #expect(abs(evaluation.loss - losses.reduce(0, +) / Double(losses.count)) < 1e-6)
    #expect(abs(evaluation.accuracy - Double(hits) / Double(losses.count)) < 1e-9)
    #expect(abs(evaluation.firstAccuracy - Double(firstHits) / Double(rows)) < 1e-9)
    let prompt = try Networks.Attachment(PromptTuning(), to: model, name: "prompt")
    #expect(try Evaluation(model, batches).loss != evaluation.loss)
    #expect(try Evaluation(model, batches, isBase: true).loss == evaluation.loss)
    try prompt.detach(from: model)
    #expect(try Evaluation(model, []).counted == 0)
  }

  /// Each row padded by itself or with others: the same losses.
  @Test func paddingCarriesNoLoss() throws {
    let model = try SmallGPT.model(), source = try SmallGPT.batches()
    let together = try LanguageLoss(model, source.batch(0), Pass())
    let indices = Sampler(count: 24, rows: 6, seed: 4).indices(step: 0)
    let alone = try indices.flatMap {
      try LanguageLoss(model, Batch([source.training[$0]], pad: 0), Pass()).each
    }
    #expect(alone.count == together.each.count)
    for (a, b) in zip(alone, together.each) { #expect(abs(a - b) < 1e-5) }
  }

  /// On the whole alphabet a model that knows the skills cannot beat the floor; one that knows nothing starts at ln 26.
  @Test func theAlphabetIsLearned() throws {
    let source = AlphabetBatches(try AlphabetTask(skills: [1], length: 10), rows: 16)
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.layers) = (26, 10, 32, 1)
    let model = try GPT.model(form, chance: Chance(seed: 1)), trainer = Trainer()
    trainer.state.rate = 1e-2
    let before = try Evaluation(model, source.evaluation())
    #expect(abs(before.loss - log(26)) < 0.1)
    for _ in 0..<80 { try trainer.step(model, source) }
    let after = try Evaluation(model, source.evaluation())
    #expect(after.loss < 0.1 && after.accuracy > 0.98 && after.counted == 26 * 9)
  }

  @Test func historiesShareAndCount() {
    var history = LossHistory()
    #expect(history.count == 0 && history.last == nil && history.values.isEmpty)
    for i in 0..<200 { history.append(Float(i)) }
    let kept = history
    history.append(-1)
    #expect(kept.count == 200 && history.count == 201 && kept.last == 199 && history.last == -1)
    #expect(kept.values == (0..<200).map(Float.init))
  }
}
