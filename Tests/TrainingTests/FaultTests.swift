import Data
import Engine
import Methods
import Options
import Testing

@testable import Networks
@testable import Training

/// What goes wrong in a step is named, and leaves model and trainer as they were, bit for bit.
struct FaultTests {
  private struct Bench {
    let model: Model, trainer = Trainer(), source: any BatchSource
    init() throws {
      model = try SmallGPT.model()
      source = try SmallGPT.batches()
    }
    var bits: String { "\(model.bits) \(trainer.state.bits)" }
    func step(_ interrupt: Interrupt? = nil) throws {
      _ = try trainer.step(model, source, interrupt: interrupt)
    }
  }

  /// A rate out of all proportion: the step after it finds numbers that are not finite.
  @Test func aRateTooLargeIsNamed() throws {
    let bench = try Bench()
    try bench.step()
    bench.trainer.state.rate = 1e30
    try bench.step()
    let before = bench.bits
    let failure = try #require(throws: Failure.self) { try bench.step() }
    #expect(failure.what.contains("step 3") && failure.what.contains("is not finite"))
    #expect(failure.what.contains("the model is at step 2"))
    #expect(model(bench).contains { failure.what.contains($0) }, "no place is named: \(failure.what)")
    #expect(failure.cure.contains("step -5"))
    #expect(bench.bits == before && bench.trainer.half == nil)
  }

  /// An infinite weight is named itself, be it frozen or not.
  @Test(arguments: ["embed.weight", "blocks.1.mlp.up.weight"], ["full", "lora"])
  func aBrokenWeightIsNamed(weight: String, method: String) throws {
    let bench = try Bench()
    try Networks.Attachment(Methods.named(method).init(), to: bench.model, name: method)
    try bench.step()
    let parameter = try #require(bench.model.parameter(weight))
    parameter.value = .filled(parameter.shape, .infinity)
    let before = bench.bits
    let failure = try #require(throws: Failure.self) { try bench.step() }
    #expect(failure.what.contains(weight))
    #expect(bench.bits == before)
  }

  /// An op that gives what is not finite is named with its place, forwards and backwards.
  @Test func theOpIsNamed() throws {
    let bench = try Bench()
    let hook = Hook(), site = try #require(bench.model.site("blocks.0.mlp.down"))
    var edit = Edit()
    edit.output = { _, y, _ in try y.scaled(by: .infinity) }
    site.place(edit, by: hook)
    let before = bench.bits
    let failure = try #require(throws: Failure.self) { try bench.step() }
    #expect(failure.what.contains("the result of scale in blocks.0.mlp.down is not finite"))
    try bench.trainer.forward(bench.model, bench.source)
    try bench.trainer.backward()
    let half = try #require(throws: Failure.self) { _ = try bench.trainer.update(bench.model) }
    #expect(half == failure, "half-steps say the same")
    #expect(bench.bits == before)
    site.remove(hook)
    // 1/y by a detour: finite forwards, but the slope of 1/d at d = 1e-25·y is not.
    edit.output = { _, y, _ in
      let d = try y.shifted(by: 100).scaled(by: 1e-25)
      return try Tensor.filled(y.shape, 1).divided(by: d).scaled(by: 1e-25)
    }
    site.place(edit, by: hook)
    let back = try #require(throws: Failure.self) { try bench.step() }
    #expect(back.what.contains("the gradient of divide in blocks.0.mlp.down is not finite"))
    #expect(bench.bits == before)
  }

  @Test func twoWishesRollBack() throws {
    let bench = try Bench()
    try bench.step()
    let before = bench.bits, interrupt = Interrupt(), hook = Hook()
    let site = try #require(bench.model.site("blocks.0.mlp.up"))
    var edit = Edit()
    edit.input = { x, _ in
      interrupt.raise()
      interrupt.raise()
      return x
    }
    site.place(edit, by: hook)
    #expect(throws: EngineError.interrupted) { try bench.step(interrupt) }
    #expect(bench.bits == before && bench.trainer.half == nil)
    site.remove(hook)
    interrupt.reset()
    // Once the forward half is done, the walk back is stopped too.
    try bench.trainer.forward(bench.model, bench.source)
    interrupt.raise()
    interrupt.raise()
    #expect(throws: EngineError.interrupted) { try bench.step(interrupt) }
    #expect(bench.bits == before && bench.trainer.half == nil)
    interrupt.reset()
    interrupt.raise()  // once: the step is finished
    try bench.step(interrupt)
    #expect(bench.trainer.state.step == 2)
  }

  /// The step that failed leaves no trace in those after it.
  @Test func afterAFaultAllGoesOnAsEver() throws {
    let calm = try Bench(), shaken = try Bench()
    for bench in [calm, shaken] { try bench.step() }
    let interrupt = Interrupt()
    interrupt.raise()
    interrupt.raise()
    #expect(throws: EngineError.interrupted) { try shaken.step(interrupt) }
    for bench in [calm, shaken] { try bench.step() }
    #expect(calm.bits == shaken.bits)
  }

  private func model(_ bench: Bench) -> [String] { bench.model.sites.map(\.name) }
}
