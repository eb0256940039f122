import Data
import Engine
import Networks
import Options
import Training

/// A vision transformer of about two hundred thousand numbers that knows clothes, shoes and bags: Fashion-MNIST.
///
/// One picture in ten is kept for choosing when to stop; the 10,000 of the test set are measured once, at the end. Half
/// of the pictures that it learns from are mirrored, drawn anew each epoch.
struct VisionBase {
  static let rows = 64
  static let evaluatedEvery = 500
  let call: Call, steps: Int, rate: Float, path: String

  init(_ call: Call) {
    self.call = call
    steps = call.steps ?? 5000
    rate = call.rate ?? 2e-3
    path = call.folder + "/vision"
  }

  /// Fetches the pictures where they are not there yet, trains, writes, and checks what was written.
  func make() throws {
    let parts = try PictureFetch(.fashion, call.places()).fetch(say: say)
    var form = ViT.Form()
    (form.size, form.patch, form.channels, form.classes) = (28, 7, 1, PictureSet.fashion.labels.count)
    (form.width, form.layers, form.heads, form.inner) = (64, 5, 4, 192)
    let model = try ViT.model(form, chance: Chance(seed: 1))
    let source = MirroredPictures(parts.train, rows: Self.rows)
    let choosing = try parts.validation.batches()
    say("vision: \(model.count) parameters, \(steps) steps of \(Self.rows) pictures at a rate of \(rate)")

    let trainer = Trainer()
    var adam = AdamW()
    adam.decay = 0.05
    adam.beta2 = 0.98
    trainer.state.optimiser = adam
    trainer.state.rate = rate
    trainer.state.schedule.shape = .cosine
    trainer.state.schedule.warmup = 200
    trainer.state.schedule.total = steps
    trainer.state.schedule.floor = 0.02
    var best = (step: 0, accuracy: 0.0, values: model.directory.parameters.map(\.value))
    let clock = ContinuousClock(), start = clock.now
    for _ in 0..<steps {
      let report = try trainer.step(model, source)
      if report.step == 50 { say("  step 50: weights \(fingerprint(model)), \(clock.now - start)") }
      guard report.step % Self.evaluatedEvery == 0 || report.step == steps else { continue }
      let reached = try Evaluation(model, choosing).accuracy
      let recent = trainer.state.losses.values.suffix(Self.evaluatedEvery)
      let loss = Double(recent.reduce(0, +)) / Double(recent.count)
      say(
        "  step \(report.step): loss \(shown(loss)), \(shown(reached)) of those for choosing, \(clock.now - start)"
      )
      guard reached > best.accuracy else { continue }
      best = (report.step, reached, model.directory.parameters.map(\.value))
    }
    for (parameter, value) in zip(model.directory.parameters, best.values) { parameter.value = value }
    try write(model, form, parts.heldOut, at: best.step)
  }

  private func write(_ model: Model, _ form: ViT.Form, _ heldOut: LabelledPictures, at step: Int) throws {
    let batches = try heldOut.batches()
    let reached = try Evaluation(model, batches).accuracy
    let base = try Written(model, to: path)
    let again = try Evaluation(base.reopened, batches).accuracy
    say("  held out: \(shown(reached)), as bf16 \(shown(again)) (step \(step))")
    guard again > 0.87, abs(again - reached) < 0.003 else { throw Failure("that is too little.") }
    try base.describe(
      """
      # vision

      A ViT of \(model.count) numbers (\(form.layers) layers, \(form.heads) heads, width \(form.width), inner \(form.inner),
      grey pictures of 28×28 in patches of \(form.patch)×\(form.patch)) that tells ten kinds of clothes, shoes and bags apart.

      | on the 10,000 pictures of the test set | accuracy |
      | --- | --- |
      | as trained, f32 | \(shown(reached)) |
      | as written, bf16 | \(shown(again)) |

      Trained from scratch by `make models`: \(steps) steps of \(Self.rows) pictures with AdamW (rate \(rate), cosine with 200
      steps of warm-up, β₂ 0.98, decay 0.05, norm of gradients clipped at 1), half of the pictures mirrored. The weights
      are those of step \(step), chosen by 6,000 pictures that were not learnt from; the test set was measured once.

      Data: Fashion-MNIST (H. Xiao, K. Rasul, R. Vollgraf, “Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
      Learning Algorithms”, arXiv:1708.07747), MIT licence, from Debian's package dataset-fashion-mnist. No picture of it is
      in this folder. Pixels are read as brightness from −1 (black) to 1.

      `model.safetensors` is \(base.size) bytes of bf16; `transformers` opens the folder as a ViTForImageClassification.

      """)
  }
}

extension LabelledPictures {
  /// All of them in order, a hundred at a time.
  fileprivate func batches() throws -> [Batch] {
    try stride(from: 0, to: count, by: 100).map { start in
      let places = Array(start..<min(start + 100, count))
      return try Batch(
        Pictures(height: height, width: width, values(places)), choices: places.map { choices[$0] })
    }
  }
}

/// Pictures in an order drawn for each epoch, half of them mirrored.
private struct MirroredPictures: BatchSource {
  let name = "pictures, half of them mirrored"
  private let pictures: LabelledPictures, sampler: Sampler
  private let chance = Chance(seed: 1)

  init(_ pictures: LabelledPictures, rows: Int) {
    self.pictures = pictures
    sampler = Sampler(count: pictures.count, rows: rows, seed: 1)
  }

  func batch(_ step: Int) throws -> Batch {
    let places = sampler.indices(step: step), width = pictures.width
    var values = pictures.values(places)
    for row in places.indices where chance.draw(row, purpose: "mirror", step: step) < 0.5 {
      let size = pictures.height * width
      for line in stride(from: row * size, to: (row + 1) * size, by: width) {
        values[line..<line + width].reverse()
      }
    }
    return try Batch(
      Pictures(height: pictures.height, width: width, values), choices: places.map { pictures.choices[$0] })
  }

  func evaluation() throws -> [Batch] { [try batch(0)] }
}
