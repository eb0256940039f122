import Data
import Engine
import Methods
import Options
import Testing

@testable import Networks
@testable import Training

/// One prompt, one letter as the answer: what is best is known in closed form.
///
///     maximise E[R] − β·KL(π‖π_ref):        π* ∝ π_ref·exp(R/β)
@Suite struct BanditTests {
  static let arms: [Float] = [0, 1, 0.5, -0.5, 0.8, 0.2]

  struct ByToken: Reward {
    let line = "reward of tests"
    func scores(_ answers: [Answer]) throws -> [Float] { answers.map { BanditTests.arms[$0.tokens[0]] } }
  }

  private func model() throws -> Model {
    Threads.shared.count = 1
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (Self.arms.count, 4, 16, 2, 1)
    let chance = Chance(seed: 3)
    let model = try GPT.model(form, chance: chance) { name, shape in
      let drawn = chance.normal(shape, deviation: 0.3, purpose: "random " + name)
      return name.contains("norm") && name.hasSuffix("weight") ? try? drawn.shifted(by: 1) : drawn
    }
    try Networks.Attachment(FullTuning(), to: model, name: "full")
    model.words = Words(encode: { _ in [0] }, decode: { _ in "" })
    return model
  }

  private func policy(_ model: Model, isBase: Bool = false) throws -> [Double] {
    try model.logits(Input([[2]]), Pass(isBase: isBase)).reshaped([Self.arms.count]).softmax().scalars.map(
      Double.init)
  }

  @Test(arguments: ["ppo", "grpo", "rloo"]) func theOptimumIsReached(name: String) throws {
    let model = try model(), trainer = Trainer(), beta: Float = 0.4
    var drawing = Drawing()
    (drawing.tokens, drawing.samples) = (1, 128)
    switch name {
    case "ppo":
      trainer.state.objective = PPO.with {
        ($0.drawing, $0.kl, $0.whiten, $0.epochs) = (drawing, beta, false, 2)
      }
    case "grpo":
      trainer.state.objective = GRPO.with {
        ($0.drawing, $0.beta, $0.scale, $0.unbiased) = (drawing, beta, .none, true)
      }
    default: trainer.state.objective = RLOO.with { ($0.drawing, $0.beta) = (drawing, beta) }
    }
    trainer.state.reward = ByToken()
    (trainer.state.rate, trainer.state.schedule.shape, trainer.state.schedule.total) = (1e-2, .cosine, 150)
    trainer.state.schedule.floor = 0.02
    let batch = try Batch([Example(ids: [2, 0])], pad: 0)
    for _ in 0..<150 { try trainer.step(model, Same(batch)) }

    let reference = try policy(model, isBase: true), found = try policy(model)
    let weights = zip(reference, Self.arms).map { $0 * exp(Double($1 / beta)) }, sum = weights.reduce(0, +)
    let best = weights.map { $0 / sum }
    func reward(_ p: [Double]) -> Double { zip(p, Self.arms).reduce(0) { $0 + $1.0 * Double($1.1) } }
    func kl(_ p: [Double]) -> Double { zip(p, reference).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) } }
    let distance = zip(found, best).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    #expect(distance < 0.05, "\(found) \(best)")
    #expect(abs(reward(found) / reward(best) - 1) < 0.05, "\(reward(found)) \(reward(best))")
    #expect(kl(best) > 0.1 && abs(kl(found) / kl(best) - 1) < 0.05, "\(kl(found)) \(kl(best))")
    #expect(reward(found) - reward(reference) > 0.15)
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
