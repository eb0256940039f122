import Data
import Engine
import Methods
import Networks
import Testing
import Training

/// The base against transformers: logits, loss, every gradient, greedy words.
struct GoldenModelTests {
  @Test func everyWeightIsRead() throws {
    let base: GoldenGPT.Base = try GoldenGPT.read("model")
    let model = try GoldenGPT.model()
    #expect(Set(model.parameters.compactMap { GoldenGPT.foreignName($0.name) }) == Set(base.weights.keys))
    for parameter in model.parameters {
      let golden = try #require(base.weights[GoldenGPT.foreignName(parameter.name) ?? ""])
      #expect(try parameter.value.largestDifference(from: GoldenGPT.turned(golden, parameter.name)) == 0)
      #expect(model.architecture.ownName(GoldenGPT.foreignName(parameter.name) ?? "") == parameter.name)
    }
    #expect(model.count == base.weights.values.reduce(0) { $0 + $1.values.count })
  }

  @Test func logitsAndLossAgree() throws {
    let model = try GoldenGPT.model(), batch = try GoldenGPT.batch()
    let golden: GoldenGPT.Forward = try GoldenGPT.read("forward")
    let logits = try model.logits(GoldenGPT.input(batch), Pass())
    #expect(try GoldenGPT.difference(logits, golden.logits, batch) < 1e-5)
    #expect(abs(try LanguageLoss(model, batch, Pass()).loss.item - golden.loss) < 1e-6)
    #expect(abs(try Evaluation(model, [batch]).loss - Double(golden.loss)) < 1e-6)
  }

  @Test func gradientsAgree() throws {
    let model = try GoldenGPT.model()
    let golden: GoldenGPT.Forward = try GoldenGPT.read("forward")
    let tape = Tape()
    let gradients = try tape.gradients(of: LanguageLoss(model, GoldenGPT.batch(), Pass(tape: tape)).loss)
    for parameter in model.parameters {
      let numbers = try #require(golden.gradients[GoldenGPT.foreignName(parameter.name) ?? ""])
      let wanted = try GoldenGPT.turned(numbers, parameter.name)
      let difference = try #require(gradients[parameter.value]).largestDifference(from: wanted)
      #expect(difference < 2e-6, "\(parameter.name)")
    }
    #expect(golden.gradients.count == model.parameters.count)
  }

  @Test func greedyWordsAgree() throws {
    let golden: GoldenGPT.Forward = try GoldenGPT.read("forward")
    let words = try GoldenGPT.model().generate(golden.rows, count: golden.greedy[0].count)
    #expect(words == golden.greedy)
  }

  @Test(arguments: ["adamw", "sgd"]) func stepsAgree(name: String) throws {
    let golden = try #require(try GoldenGPT.read("training", as: [String: GoldenGPT.Run].self)[name])
    let model = try GoldenGPT.model(), trainer = Trainer(), source = try Same(GoldenGPT.batch())
    if name == "adamw" {
      var optimiser = AdamW()
      optimiser.decay = 0.1
      (trainer.state.optimiser, trainer.state.rate) = (optimiser, 0.01)
    } else {
      var optimiser = SGD()
      (optimiser.momentum, optimiser.decay) = (0.9, 0.01)
      (trainer.state.optimiser, trainer.state.rate) = (optimiser, 0.1)
    }
    for i in golden.norms.indices {
      let report = try trainer.step(model, source)
      #expect(abs(report.loss - golden.losses[i]) < 1e-5)
      #expect(abs(report.gradientNorm - golden.norms[i]) < 1e-5 * golden.norms[i] + 1e-6)
      #expect((report.clipped < 1) == (golden.norms[i] > 1))
    }
    let last = try LanguageLoss(model, GoldenGPT.batch(), Pass()).loss.item
    #expect(abs(last - (golden.losses.last ?? 0)) < 1e-5)
    for (foreign, numbers) in golden.weights {
      let parameter = try #require(model.parameter(foreign))
      let difference = try parameter.value.largestDifference(from: GoldenGPT.turned(numbers, parameter.name))
      #expect(difference < 2e-5, "\(parameter.name)")
    }
  }

  /// After warm-up the factors are those of transformers; its warm-up begins with a step at rate 0, ours does not.
  @Test(arguments: [Schedule.Shape.linear, .cosine]) func schedulesAgree(shape: Schedule.Shape) throws {
    let golden: GoldenGPT.Schedules = try GoldenGPT.read("schedules")
    var schedule = Schedule()
    (schedule.shape, schedule.warmup, schedule.total) = (shape, golden.warmup, golden.total)
    let values = shape == .linear ? golden.linear : golden.cosine
    for step in golden.warmup...golden.total { #expect(abs(schedule.factor(step) - values[step]) < 1e-6) }
    for step in 0..<golden.warmup { #expect(abs(schedule.factor(step) - values[step + 1]) < 1e-6) }
  }
}

/// One batch at every step.
struct Same: BatchSource {
  let name = "the same"
  let always: Batch
  init(_ batch: Batch) { always = batch }
  func batch(_ step: Int) throws -> Batch { always }
  func evaluation() throws -> [Batch] { [always] }
}
