import Data
import Engine
import Methods
import Options
import Testing

@testable import Networks
@testable import Training

/// Several batches that make one step: the step of all their rows.
struct AccumulationTests {
  /// Rows of different lengths, so that batches have different numbers of targets.
  private static func batch(_ lengths: [Int]) throws -> Batch {
    try Batch(lengths.map { n in try Example(ids: (0..<n + 1).map { ($0 * 3 + n) % 11 }) }, pad: 0)
  }

  private struct Fixed: BatchSource {
    let name = "fixed"
    let batches: [Batch]
    func batch(_ step: Int) throws -> Batch { batches[step % batches.count] }
    func evaluation() throws -> [Batch] { batches }
  }

  private func trained(_ batches: [Batch], accumulate: Int, steps: Int) throws -> (
    gradients: [String: Tensor], losses: [Float], model: Model
  ) {
    let model = try SmallGPT.model(), trainer = Trainer(), source = Fixed(batches: batches)
    try Networks.Attachment(Methods.named("full").init(), to: model, name: "it")
    trainer.state.accumulate = accumulate
    try trainer.forward(model, source)
    let found = try trainer.backward()
    var gradients: [String: Tensor] = [:]
    for p in model.trainable { gradients[p.name] = found[p.value] }
    for _ in 0..<steps { try trainer.step(model, source) }
    return (gradients, trainer.state.losses.values, model)
  }

  @Test func isTheStepOfAllRows() throws {
    let parts = [try Self.batch([3, 7]), try Self.batch([7]), try Self.batch([2, 2, 5])]
    let whole = try trained([Self.batch([3, 7, 7, 2, 2, 5])], accumulate: 1, steps: 4)
    let several = try trained(parts, accumulate: 3, steps: 4)
    #expect(several.gradients.count == whole.gradients.count && !whole.gradients.isEmpty)
    for (name, gradient) in whole.gradients {
      let other = try #require(several.gradients[name])
      let scale = gradient.scalars.map(abs).max() ?? 0
      for (a, b) in zip(gradient.scalars, other.scalars) {
        #expect(abs(a - b) <= 2e-5 * scale + 1e-8, "\(name): \(a) and \(b)")
      }
    }
    for (a, b) in zip(whole.losses, several.losses) { #expect(abs(a - b) < 1e-4, "\(a) and \(b)") }
    // A mean of the batches' means would be another step.
    let means = try parts.map { try trained([$0], accumulate: 1, steps: 1).losses[0] }
    #expect(abs(means.reduce(0, +) / 3 - whole.losses[0]) > 1e-3)
  }

  @Test func nextStepTakesTheNextBatches() throws {
    let a = try Self.batch([4]), b = try Self.batch([6])
    let two = try trained([a, b, b, b], accumulate: 2, steps: 2)
    let same = try trained([a, b], accumulate: 2, steps: 2)
    #expect(two.losses[0] == same.losses[0] && two.losses[1] != same.losses[1])
  }
}
