import Data
import Engine
import Networks
import Options
import Training

/// A GPT of about a million numbers that has read 20,000 short texts people wrote: tweets, reviews, editorials.
///
/// What is held out by `Tweets` is never read. Of what is left, two texts in a hundred are kept for choosing when to
/// stop; the held-out texts are measured once, at the end.
struct ReviewsBase {
  static let vocabulary = 1024
  static let rows = 16
  static let evaluatedEvery = 250
  let call: Call, steps: Int, rate: Float, path: String

  init(_ call: Call) {
    self.call = call
    steps = call.steps ?? 3000
    rate = call.rate ?? 5e-3
    path = call.folder + "/reviews"
  }

  /// Fetches the texts where they are not there yet, trains, writes, and checks what was written.
  func make() throws {
    let tweets = try TweetsFetch(call.places()).fetch(say: say)
    let tokenizer = try BytePairTrainer(vocabularySize: Self.vocabulary).train(tweets.corpus)
    var form = GPT.Form()
    form.vocabulary = Self.vocabulary
    form.context = 128
    form.width = 128
    form.heads = 4
    form.layers = 5
    let model = try GPT.model(form, chance: Chance(seed: 1))

    let split = try Split(count: tweets.corpus.count, validation: 0.02, test: 0, seed: 1)
    let windows = try Windows(
      tweets.corpus.picked(split.train), tokenizer, rows: Self.rows, context: form.context)
    let choosing = try Corpus(
      tweets.corpus.picked(split.validation), tokenizer: tokenizer, context: form.context)
    let heldOut = try Corpus(tweets.heldOutTexts, tokenizer: tokenizer, context: form.context)
    say("reviews: \(model.count) parameters, \(steps) steps of \(Self.rows) windows at a rate of \(rate)")
    say("  \(tweets.corpus.count) texts; \(windows.stepsAnEpoch) steps read the corpus once")

    let trainer = Trainer()
    var adam = AdamW()
    adam.decay = 0.1
    adam.beta2 = 0.98
    trainer.state.optimiser = adam
    trainer.state.rate = rate
    trainer.state.schedule.shape = .cosine
    trainer.state.schedule.warmup = 100
    trainer.state.schedule.total = steps
    trainer.state.schedule.floor = 0.02
    var best = (step: 0, bits: Double.infinity, values: model.directory.parameters.map(\.value))
    let clock = ContinuousClock(), start = clock.now
    for _ in 0..<steps {
      let report = try trainer.step(model, windows)
      if report.step == 50 { say("  step 50: weights \(fingerprint(model))") }
      guard report.step % Self.evaluatedEvery == 0 || report.step == steps else { continue }
      let bits = try bitsPerByte(model, choosing),
        recent = trainer.state.losses.values.suffix(Self.evaluatedEvery)
      let loss = Double(recent.reduce(0, +)) / Double(recent.count)
      say(
        "  step \(report.step): loss \(shown(loss)), \(shown(bits)) bits a byte on the texts for choosing, \(clock.now - start)"
      )
      guard bits < best.bits else { continue }
      best = (report.step, bits, model.directory.parameters.map(\.value))
      _ = try Written(model, tokenizer, to: path)
    }
    for (parameter, value) in zip(model.directory.parameters, best.values) { parameter.value = value }
    try write(model, tokenizer, heldOut, tweets, at: best.step)
  }

  private func bitsPerByte(_ model: Model, _ corpus: Corpus) throws -> Double {
    let windows = (0..<corpus.count).map { corpus[$0] }
    let batches = try stride(from: 0, to: windows.count, by: 32).map {
      try Batch(Array(windows[$0..<min($0 + 32, windows.count)]), pad: 0, side: .right)
    }
    let reached = try Evaluation(model, batches)
    return corpus.bitsPerByte(nats: reached.loss * Double(reached.counted))
  }

  private func write(
    _ model: Model, _ tokenizer: BytePairTokenizer, _ heldOut: Corpus, _ tweets: Tweets, at step: Int
  ) throws {
    let bits = try bitsPerByte(model, heldOut)
    let base = try Written(model, tokenizer, to: path)
    let again = try bitsPerByte(base.reopened, heldOut)
    say("  held out: \(shown(bits)) bits a byte, as bf16 \(shown(again)) (step \(step))")
    guard abs(again - bits) < 0.01 * bits else { throw Failure("bf16 costs more than 1 %.") }
    try base.describe(
      """
      # reviews

      A GPT of \(model.count) numbers (5 layers, 4 heads, width 128, context 128, byte-pair vocabulary of 1024) that has
      read \(tweets.corpus.count) short English texts, \(tweets.corpusBytes) bytes: tweets, snippets of product and film
      reviews and of editorials.

      | on \(heldOut.texts) held-out texts, \(heldOut.bytes) bytes | bits a byte |
      | --- | --- |
      | as trained, f32 | \(shown(bits)) |
      | as written, bf16 | \(shown(again)) |

      Trained from scratch by `make models`: \(steps) steps of \(Self.rows) windows of 128 tokens with AdamW (rate
      \(rate), cosine with 100 steps of warm-up, β₂ 0.98, decay 0.1, norm of gradients clipped at 1), texts in a new
      order each epoch; half of the windows begin with a text, half anywhere, so that every position has seen both. The
      weights are those of step \(step), chosen by two in a hundred of the corpus's texts; the held-out texts were
      measured once. Groups of near-duplicates are held out whole, and a test shows that none of them was read.

      Data: the sentiment texts of C. J. Hutto and E. Gilbert, “VADER: A Parsimonious Rule-based Model for Sentiment
      Analysis of Social Media Text”, ICWSM 2014, from the source package vaderSentiment \(TweetsFetch.version) (MIT
      licence). The labels were not used, and no text of it is in this folder.

      It has learnt how such texts read, insults and all. It is for exercises, not for use.

      `model.safetensors` is \(base.size) bytes of bf16; `transformers` opens the folder as a GPT-2.

      """)
  }
}
