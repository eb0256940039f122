import Data
import Engine
import Foundation
import Options
import Testing

@testable import Networks
@testable import Training

/// Losses, advantages and estimators against TRL's trainers (`Scripts/golden_feedback.py`), each within 1e-5.
@Suite struct GoldenFeedbackTests {
  struct Numbers: Decodable {
    var shape: [Int], values: [Float]
    var tensor: Tensor { get throws { try Tensor(shape, values) } }
  }
  struct Supervised: Decodable {
    var logits: Numbers, labels: [[Int]], loss: Float, gradient: Numbers, dft: Float
  }
  struct Scores: Decodable {
    var scores: Numbers, margin: [Double], agreement: [Double], losses: [String: Float]
  }
  struct Pairs: Decodable {
    var policy: Numbers, reference: Numbers, lengths: [Int], losses: [String: Float]
  }
  struct LeaveOneOut: Decodable {
    var advantages: [Float], loss: Float, gradient: Numbers
  }
  struct Groups: Decodable {
    var lengths: [Int], old: Numbers, reference: Numbers, new: Numbers, scores: [Float]
    var advantages: [String: [Float]], losses: [String: Float], gradients: [String: Numbers],
      rloo: LeaveOneOut
  }
  struct Run: Decodable {
    var advantages: Numbers, returns: Numbers, policy: Float, value: Float, dpolicy: Numbers, dvalue: Numbers
  }
  struct Proximal: Decodable {
    var lengths: [Int], old: Numbers, reference: Numbers, new: Numbers, values: Numbers, now: Numbers
    var scores: [Float], runs: [String: Run], kl: [String: Double], controller: [Float]
  }
  struct All: Decodable {
    var sft: Supervised, reward: Scores, dpo: Pairs, grpo: Groups, ppo: Proximal
  }

  private let all: All

  init() throws {
    Threads.shared.count = 1
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/feedback/trl.json")
    all = try JSONDecoder().decode(All.self, from: Foundation.Data(contentsOf: file))
  }

  private func expectClose(
    _ found: [Float], _ wanted: [Float], _ what: String, at place: SourceLocation = #_sourceLocation
  ) {
    let worst = zip(found, wanted).map { abs($0 - $1) }.max() ?? .nan
    #expect(found.count == wanted.count && worst < 1e-5, "\(what): off by \(worst)", sourceLocation: place)
  }

  @Test func supervised() throws {
    let one = all.sft, rows = one.labels.count, time = one.labels[0].count
    let targets = one.labels.flatMap { row -> [Int32] in row.dropFirst().map { Int32($0) } + [-100] }
    let tape = Tape(), logits = tape.track(try one.logits.tensor)
    let flat = try logits.reshaped([rows * time, logits.width])
    let found = try flat.crossEntropy(targets)
    expectClose([found.loss.item], [one.loss], "loss")
    let gradient = try #require(try tape.gradients(of: found.loss)[logits])
    expectClose(gradient.scalars, one.gradient.values, "gradient")
    let log = try flat.plain.logProbabilities(of: targets)
    let dft = try (log * log.exp()).sum().item / Float(-found.counted)
    expectClose([dft], [one.dft], "dft")
  }

  @Test func rewardModel() throws {
    let one = all.reward, scores = try one.scores.tensor
    let chosen = try scores.slice(axis: 0, 0..<4), rejected = try scores.slice(axis: 0, 4..<8)
    let pairs = zip(one.agreement, one.margin).map { Preference(agreement: $0, margin: $1) }
    for (name, margin, soft, center) in [
      ("plain", false, false, 0), ("margin", true, false, 0), ("center", false, false, 0.01),
      ("both", true, false, 0.3),
      ("soft", false, true, 0),
    ] as [(String, Bool, Bool, Float)] {
      let found = try RewardModel.losses(chosen, rejected, pairs, margin: margin, soft: soft, center: center)
      expectClose([try found.mean().item], [try #require(one.losses[name])], name)
    }
  }

  @Test func preferences() throws {
    let one = all.dpo, n = one.lengths.count / 2
    let ratios = try (one.policy.tensor - one.reference.tensor).sum(axes: [1])
    for (name, form, beta, smoothing) in [
      ("sigmoid", .sigmoid, 0.1, 0), ("sharp", .sigmoid, 2.5, 0), ("smoothed", .sigmoid, 0.5, 0.1),
      ("hinge", .hinge, 0.3, 0), ("ipo", .ipo, 0.1, 0), ("robust", .robust, 0.5, 0.1),
    ] as [(String, DPO.Form, Float, Float)] {
      let dpo = DPO.with { ($0.form, $0.beta, $0.smoothing) = (form, beta, smoothing) }
      let found = try dpo.losses(
        ratios.slice(axis: 0, 0..<n), ratios.slice(axis: 0, n..<2 * n), lengths: one.lengths,
        [Preference](repeating: .init(), count: n))
      let wanted = try #require(one.losses[name])
      let mean = try found.mean().item
      #expect(abs(mean - wanted) < 1e-5 * max(1, abs(wanted)), "\(name): \(mean) \(wanted)")
    }
  }

  private func experience(
    _ lengths: [Int], _ old: Numbers, _ reference: Numbers, group: Int = 1, values: Numbers? = nil,
    scores: [Float]
  ) throws -> Experience {
    let rows = try lengths.map { try Example(ids: Array(0...$0)) }
    var e = Experience(
      answers: lengths.map { _ in Answer(question: "", text: "") }, group: group,
      batch: try Batch(rows, pad: 0),
      lengths: lengths, old: try old.tensor, reference: try reference.tensor,
      values: try values?.tensor ?? .zeros(old.shape))
    e.scores = scores
    return e
  }

  @Test func groups() throws {
    let one = all.grpo
    for scale in Advantages.GroupScale.allCases {
      expectClose(
        Advantages.grouped(one.scores, group: 3, scale: scale), try #require(one.advantages[scale.rawValue]),
        scale.rawValue)
    }
    for (name, change) in [
      ("unbiased", { ($0.form, $0.beta, $0.unbiased) = (.dapo, 0.2, true) }), ("grpo", { $0.form = .grpo }),
      ("bnpo", { $0.form = .bnpo }), ("dapo", { ($0.form, $0.beta, $0.clipUp) = (.dapo, 0.04, 0.28) }),
      ("dr_grpo", { ($0.form, $0.beta) = (.dr_grpo, 0.1) }),
      ("sequence", { ($0.form, $0.level) = (.grpo, .sequence) }),
      ("sequence dapo", { ($0.form, $0.level, $0.beta) = (.dapo, .sequence, 0.3) }),
    ] as [(String, (inout GRPO) -> Void)] {
      var grpo = GRPO.with(change)
      grpo.drawing.tokens = 7
      var e = try experience(one.lengths, one.old, one.reference, group: 3, scores: one.scores)
      try grpo.weigh(&e, TrainerState())
      let tape = Tape(), new = tape.track(try one.new.tensor)
      let loss = try grpo.loss(of: new, e, e.mask).0
      expectClose([loss.item], [try #require(one.losses[name])], name)
      let gradient = try #require(try tape.gradients(of: loss)[new])
      expectClose(
        try (gradient * e.mask).scalars, try #require(one.gradients[name]).values, name + " gradient")
    }
  }

  @Test func leaveOneOut() throws {
    let one = all.grpo
    var e = try experience(one.lengths, one.old, one.reference, group: 3, scores: one.scores)
    try RLOO().weigh(&e, TrainerState())
    expectClose(e.advantages.scalars, one.rloo.advantages, "advantages")
    let tape = Tape(), new = tape.track(try one.new.tensor)
    let policy = try PolicyLoss(
      new.sum(axes: [1]), old: e.old.sum(axes: [1]), advantages: e.advantages, clip: (0.2, 0.2))
    let loss = try policy.each.mean()
    expectClose([loss.item], [one.rloo.loss], "loss")
    let gradient = try #require(try tape.gradients(of: loss)[new])
    expectClose(try (gradient * e.mask).scalars, one.rloo.gradient.values, "gradient")
  }

  @Test(arguments: ["k1", "k3", "rewards"]) func proximal(name: String) throws {
    let one = all.ppo, run = try #require(one.runs[name])
    let ppo = PPO.with {
      if name == "k3" { ($0.estimator, $0.gamma, $0.lambda) = (.k3, 0.97, 0.9) }
      $0.whitenRewards = name == "rewards"
    }
    var e = try experience(one.lengths, one.old, one.reference, values: one.values, scores: one.scores)
    for kind in KL.allCases { #expect(abs(kind.mean(e) - (one.kl[kind.rawValue] ?? .nan)) < 1e-5) }
    try ppo.weigh(&e, TrainerState())
    let mask = try e.mask, kept = try AnswerScores.mask(one.lengths.map { $0 + 1 }, e.longest)
    expectClose(e.advantages.scalars, run.advantages.values, "advantages")
    expectClose(try (e.returns * kept).scalars, run.returns.values, "returns")
    let tape = Tape(), new = tape.track(try one.new.tensor), now = tape.track(try one.now.tensor)
    let each = try PolicyLoss(new, old: e.old, advantages: e.advantages, clip: (0.2, 0.2)).each
    let policy = try each.meanWhere(mask)
    // Values one place behind the last token count, those beyond are 0.
    var held = Experience(
      answers: e.answers, group: 1, batch: e.batch, lengths: e.lengths, old: e.old, reference: e.reference,
      values: try e.values * kept)
    held.returns = e.returns
    let value = try ppo.valueLoss(now, held)
    expectClose([policy.item, value.item], [run.policy, run.value], "losses")
    let loss = try policy + value.scaled(by: 0.1), gradients = try tape.gradients(of: loss)
    expectClose((try #require(gradients[new]) * mask).scalars, run.dpolicy.values, "policy's gradient")
    expectClose(try #require(gradients[now]).scalars, run.dvalue.values, "value's gradient")
  }

  @Test func theControllerOfKL() {
    var coefficient: Float = 0.2, found: [Float] = []
    for kl in [1.0, 3.0, 6.0, 7.0, 30.0, 6.1] {
      coefficient = KL.adapted(coefficient, kl: kl, target: 6, answers: 256, horizon: 10_000)
      found.append(coefficient)
    }
    expectClose(found, all.ppo.controller, "coefficients")
  }
}
