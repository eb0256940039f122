import Engine
import Networks
import Testing
import Training

/// Blocks that are run again on the way back give the gradients that kept ones give.
struct CheckpointLaws {
  @Test(arguments: Tried.all) func gradientsAreTheSame(_ tried: Tried) throws {
    let model = try tried.model.random(), batch = try tried.model.batch()
    try model.attach(tried.method).stir(0.2)
    func gradients(isCheckpointing: Bool) throws -> (ops: [String], Gradients) {
      let tape = Tape(), pass = Pass(tape: tape, isTraining: true, chance: model.chance, step: 3)
      pass.isCheckpointing = isCheckpointing
      let loss = try Loss(model, batch, pass).loss
      return (tape.entries.map(\.op), try tape.gradients(of: loss))
    }
    let plain = try gradients(isCheckpointing: false), again = try gradients(isCheckpointing: true)
    // A method may sit beside the blocks alone: then there is nothing to run again.
    #expect(again.ops.contains("checkpoint") || again.ops == plain.ops)
    // What is 0 but for rounding (a shift of all keys) is measured against what is not.
    let most = model.trainable.reduce(0) { max($0, plain.1[$1.value]?.most ?? 0) }
    for parameter in model.trainable {
      let a = try #require(plain.1[parameter.value]), b = try #require(again.1[parameter.value])
      #expect(try a.largestDifference(from: b) <= 1e-5 * a.most + 1e-6 * most, "\(parameter.name)")
    }
  }
}
