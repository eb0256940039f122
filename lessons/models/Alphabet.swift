import Data
import Engine
import Networks
import Options
import Training

/// The toy: a GPT that knows four ways to go along the alphabet, and cannot know from one letter which is meant.
///
/// A row's first letter stands at a position drawn from 0 to 16, so the model reads a row as well when virtual
/// tokens stand before it. Each step reads all 104 rows there are: the loss has no noise but that of the positions.
struct AlphabetBase {
  let steps: Int, rate: Float, path: String
  let task: AlphabetTask

  init(_ call: Call) throws {
    steps = call.steps ?? 3000
    rate = call.rate ?? 3e-3
    path = call.folder + "/alphabet"
    task = try AlphabetTask()
  }

  /// Trains it, writes it, and checks what was written.
  func make() throws {
    var form = GPT.Form()
    form.vocabulary = 26
    form.context = 32
    form.width = 48
    form.heads = 4
    form.layers = 2
    let model = try GPT.model(form, chance: Chance(seed: 1))
    say("alphabet: \(model.count) parameters, \(steps) steps at a rate of \(rate)")

    let trainer = Trainer()
    var adam = AdamW()
    adam.decay = 0.01
    trainer.state.optimiser = adam
    trainer.state.rate = rate
    trainer.state.schedule.shape = .cosine
    trainer.state.schedule.warmup = 100
    trainer.state.schedule.total = steps
    let rows = ShiftedRows(task: task)
    let clock = ContinuousClock(), start = clock.now
    for _ in 0..<steps {
      let report = try trainer.step(model, rows)
      if report.step == 50 { say("  step 50: weights \(fingerprint(model))") }
      if report.step % 500 == 0 { say("  step \(report.step): loss \(shown(Double(report.loss)))") }
    }
    say("  trained in \(clock.now - start)")
    try write(model)
  }

  private func write(_ model: Model) throws {
    let measured = try places.map { try evaluation(model, at: $0) }
    let bases = try Written(model, CharacterTokenizer.alphabet, to: path)
    let again = try places.map { try evaluation(bases.reopened, at: $0) }
    var table =
      "| first letter at position | loss | as bf16 | accuracy after the second letter |\n| --- | --- | --- | --- |\n"
    for (i, place) in places.enumerated() {
      let (one, two) = (measured[i], again[i])
      table += "| \(place) | \(shown(one.loss)) | \(shown(two.loss)) | \(shown(later(two))) |\n"
      guard two.loss < 0.1, later(two) == 1, abs(two.loss - one.loss) < 0.01 * one.loss else {
        throw Failure(
          "at position \(place) the base reaches \(one.loss), as bf16 \(two.loss), and \(later(two)) of the later letters.",
          cure: "Train longer, or at another rate.")
      }
    }
    say(table)
    try bases.describe(
      """
      # alphabet

      A GPT of \(model.count) numbers (2 layers, 4 heads, width 48, context 32, vocabulary a–z) that knows four skills:
      rows of letters that go on by +1, +2, +3 or −1, after z comes a. From one letter it cannot know which skill is
      meant, so no model can have a mean loss below ln 4/15 = \(shown(task.lossFloor)) on rows of 16 letters.

      \(table)
      Trained from scratch by `make models`: \(steps) steps of AdamW (rate \(rate), cosine with 100 steps of
      warm-up, decay 0.01, norm of gradients clipped at 1), each on all 104 rows; a row's first letter stands at a
      position drawn from 0 to 16, so that virtual tokens before a row find a model that knows its place. The rows
      are made, not collected: there is no data to cite.

      `model.safetensors` is \(bases.size) bytes of bf16; `transformers` opens the folder as a GPT-2.

      """)
  }

  private let places = [0, 4, 16]

  private func evaluation(_ model: Model, at place: Int) throws -> Evaluation {
    var batch = try Batch(task.whole, pad: 0)
    batch.starts = batch.ids.map { _ in place }
    return try Evaluation(model, [batch])
  }

  /// The share of right letters but for the second, which is a guess among four.
  private func later(_ reached: Evaluation) -> Double {
    let rows = Double(task.whole.count), all = Double(reached.counted)
    return (reached.accuracy * all - reached.firstAccuracy * rows) / (all - rows)
  }
}

/// All rows of the task, each at a position of its own.
private struct ShiftedRows: BatchSource {
  let task: AlphabetTask
  private let chance = Chance(seed: 1)
  var name: String { "alphabet at all positions" }

  init(task: AlphabetTask) { self.task = task }

  func batch(_ step: Int) throws -> Batch {
    var batch = try Batch(task.whole, pad: 0)
    batch.starts = (0..<batch.rows).map { Int(17 * chance.draw($0, purpose: "positions", step: step)) }
    return batch
  }

  func evaluation() throws -> [Batch] { [try Batch(task.whole, pad: 0)] }
}
