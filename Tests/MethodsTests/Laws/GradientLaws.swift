import Engine
import Methods
import Testing
import Training

@testable import Networks

/// Gradients agree with differences of the loss, but for the exceptions that a card names with a reason.
struct GradientLaws {
  @Test(arguments: Tried.all) func agreeWithDifferences(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let attachment = try model.attach(name)
    try attachment.stir(0.2)
    let tape = Tape()
    let gradients = try tape.gradients(of: Loss(model, tried.model.batch(), Pass(tape: tape)).loss)
    for parameter in model.trainable {
      let gradient = try #require(gradients[parameter.value], "\(parameter.name) has no gradient").scalars
      var worst: Float = 0
      for i in places(gradient) {
        // A ReLU, or a norm of a short vector, may bend within the longer steps, which then say nothing; the shorter
        // ones round more.
        let errors = try [0.02, 0.005, 0.00125].map {
          try abs(slope(model, parameter, i, step: $0) - gradient[i])
        }
        worst = max(worst, (errors.min() ?? 0) / (0.01 * abs(gradient[i]) + 5e-5))
      }
      if let reason = attachment.card.gradientExceptions[parameter.leaf] {
        #expect(worst > 1, "\(parameter.name) is the derivative after all, though the card says: \(reason)")
      } else {
        #expect(worst <= 1, "\(parameter.name) is off by \(worst) times what rounding explains")
      }
    }
  }

  /// The three largest numbers and the first.
  private func places(_ gradient: [Float]) -> [Int] {
    gradient.indices.sorted { abs(gradient[$0]) > abs(gradient[$1]) }.prefix(3) + [0]
  }

  /// The slope of the loss along one number, from four points: the error falls with the fourth power of the step.
  private func slope(_ model: Model, _ parameter: Parameter, _ i: Int, step h: Float) throws -> Float {
    let value = parameter.value
    defer { parameter.value = value }
    func loss(_ step: Float) throws -> Double {
      var numbers = value.scalars
      numbers[i] += step
      parameter.value = try Tensor(value.shape, numbers)
      let each = try Loss(model, TinyModel.of(model).batch(), Pass()).each
      return each.reduce(0.0) { $0 + Double($1) } / Double(each.count)
    }
    let near = try loss(h) - loss(-h), far = try loss(2 * h) - loss(-2 * h)
    return Float((8 * near - far) / (12 * Double(h)))
  }

  /// The embedding and the head are one weight: its gradient is the sum of what both uses give.
  @Test func tiedUsesAddUp() throws {
    let model = try TinyGPT.random()
    try model.attach("full")
    let weight = try #require(model.parameter("embed.weight"))
    #expect(model.site("head")?.weight === weight && model.site("embed")?.weight === weight)
    func gradient() throws -> Tensor {
      let tape = Tape()
      let loss = try LanguageLoss(model, TinyGPT.batch(), Pass(tape: tape)).loss
      return try #require(try tape.gradients(of: loss)[weight.value])
    }
    let whole = try gradient()
    let head = try #require(model.site("head")), embed = try #require(model.site("embed"))
    let hook = Hook()
    var frozenHead = Edit()
    frozenHead.base = { w, _ in w.plain }  // off the tape
    head.place(frozenHead, by: hook)
    let fromEmbedding = try gradient()
    head.remove(hook)
    var frozenEmbedding = Edit()
    frozenEmbedding.output = { _, y, _ in y.plain }
    embed.place(frozenEmbedding, by: hook)
    let fromHead = try gradient()
    embed.remove(hook)
    let sum = try fromEmbedding + fromHead
    #expect(fromEmbedding.most > 1e-3 && fromHead.most > 1e-3)
    #expect(try whole.largestDifference(from: sum) < 1e-5 * whole.most)
  }

  /// One parameter, moved once, read by both.
  @Test func fullTuningMovesTheTiedWeightOnce() throws {
    let model = try TinyGPT.random()
    let start = try #require(model.parameter("embed.weight")).value
    try model.attach("full")
    try model.trained(1, rate: 1e-2)
    let weight = try #require(model.parameter("embed.weight"))
    #expect(model.site("head")?.weight === weight && model.site("embed")?.weight === weight)
    let most = try weight.value.largestDifference(from: start)
    #expect(most > 0.009 && most < 0.0101, "one step of AdamW is at most lr long, it was \(most)")
    #expect(model.parameters.filter { $0.shape == [29, 32] }.count == 1)
  }
}

/// Somebody who looks into a model or changes it, without being an attachment.
final class Hook: EditOwner {
  var isOn = true
}
