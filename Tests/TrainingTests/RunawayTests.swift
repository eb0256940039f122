import Data
import Engine
import Options
import Testing

@testable import Networks
@testable import Training

/// What counts as running away, and rewards and judges that give no number.
@Suite struct RunawayTests {
  /// Ten steps of numbers that are steady but for those that are given.
  private func sign(
    _ changed: [String: (Int) -> Double] = [:], brake: Brake? = Brake("kl", 0.1), answers: Int = 16
  ) -> Runaway? {
    var history = FigureHistory()
    let steady: [String: (Int) -> Double] = [
      "kl": { _ in 1 }, "reward": { _ in 0.3 }, "spread": { _ in 0.2 }, "length": { _ in 8 },
      "same": { _ in 0.1 },
    ]
    for step in 0..<10 {
      history.append(steady.merging(changed) { $1 }.map { Figure($0.key, $0.value(step)) })
    }
    return Runaway(history, brake: brake, answers: answers)
  }

  @Test func whatIsSteadyIsNoSign() {
    #expect(sign() == nil)
    #expect(
      sign(["kl": { Double($0) }]) == nil, "the mean of the last four is 7.5, and a token may have a nat")
    #expect(sign(["kl": { $0 == 9 ? 28 : 1 }]) == nil, "one step is not enough")
    #expect(sign(["reward": { 0.3 + Double($0) / 10 }]) == nil)
    #expect(sign(["same": { _ in 1 }]) == nil, "they were one from the start")
    #expect(sign(["same": { $0 < 5 ? 0.1 : 1 }], answers: 2) == nil)
  }

  @Test func eachKindIsTold() throws {
    let far = try #require(sign(["kl": { 2 * Double($0) }]))
    #expect(far.kind == .kl && far.what.contains("15.0 nats") && far.what.contains("8.0") && far.since == 8)
    let held = try #require(sign(["kl": { _ in 5 }], brake: Brake("kl", 0.1, target: 1)))
    #expect(held.kind == .kl && held.since == 0)
    #expect(sign(["kl": { _ in 3.9 }], brake: Brake("kl", 0.1, target: 1)) == nil)
    #expect(sign(["reward": { $0 < 5 ? 0 : 9 }])?.kind == .reward)
    #expect(sign(["same": { $0 < 5 ? 0.1 : 1 }])?.kind == .collapse)
    let cure = far.cure(Brake("beta", 0.5), rate: 1e-3)
    #expect(cure.contains("beta=2.0") && cure.contains("lr 0.00025") && cure.contains("step -8"))
    #expect(!held.cure(nil, rate: 1).contains("price"))
  }

  /// Answers that are worth no number are refused by their text before anything moves.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func aRewardThatIsNoNumber(worth: Float) throws {
    struct Broken: Reward {
      let worth: Float, line = "reward broken"
      func scores(_ answers: [Answer]) throws -> [Float] { answers.indices.map { $0 == 1 ? worth : 1 } }
    }
    let model = try SmallPairs.model(), trainer = Trainer(), source = Same(try SmallPairs.batch())
    trainer.state.objective = RLOO()
    trainer.state.reward = Broken(worth: worth)
    let before = "\(model.bits) \(trainer.state.bits)"
    let text = try trainer.rollout(model, source).answers[1].text
    let failure = try #require(throws: Failure.self) { try trainer.step(model, source) }
    #expect(failure.what.contains("“\(text.prefix(40))”") && failure.cure.contains("reward broken"))
    #expect("\(model.bits) \(trainer.state.bits)" == before)
  }

  @Test func aJudgeThatGivesNoNumber() throws {
    struct Silent: Judge {
      func first(_ pairs: [PreferencePair]) throws -> [Double] { pairs.map { $0.chosen == "b" ? .nan : 1 } }
    }
    struct Short: Judge {
      func first(_ pairs: [PreferencePair]) throws -> [Double] { [] }
    }
    let pairs = ["a", "b"].map { PreferencePair(prompt: "", chosen: $0, rejected: "c") }
    let failure = try #require(throws: Failure.self) { try Judgement(Silent(), pairs) }
    #expect(failure.what.contains("“b”") && failure.what.contains("“c”"))
    #expect(try #require(throws: Failure.self) { try Judgement(Short(), pairs) }.what.contains("2 pairs"))
  }
}
