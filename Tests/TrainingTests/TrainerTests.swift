import Data
import Engine
import Methods
import Options
import Testing

@testable import Networks
@testable import Training

struct TrainerTests {
  /// Forward, backward and update are a whole step, bit for bit.
  @Test(arguments: ["full", "lora", "prompt"]) func halfStepsAreAWholeStep(name: String) throws {
    func run(_ step: (Trainer, Model, any BatchSource) throws -> StepReport) throws -> (
      UInt64, String, [Float]
    ) {
      let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
      try Networks.Attachment(make(Methods.named(name)), to: model, name: "it")
      let reports = try (0..<4).map { _ in try step(trainer, model, source) }
      return (
        model.bits, trainer.state.bits, reports.flatMap { [$0.loss, $0.gradientNorm, $0.clipped, $0.rate] }
      )
    }
    let whole = try run { try $0.step($1, $2) }
    let halves = try run { trainer, model, source in
      let loss = try trainer.forward(model, source)
      #expect(trainer.half?.gradients == nil && trainer.half?.loss.loss.item == loss.loss.item)
      try trainer.backward()
      try trainer.backward()  // a second time gives the same ones
      return try trainer.update(model)
    }
    let begun = try run { trainer, model, source in
      try trainer.forward(model, source)
      return try trainer.step(model, source)
    }
    #expect(halves == whole)
    #expect(begun == whole)
  }

  @Test func halvesOutOfOrderAreRefused() throws {
    let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
    #expect(throws: Failure.self) { try trainer.backward() }
    #expect(throws: Failure.self) { try trainer.update(model) }
    try trainer.forward(model, source)
    #expect(throws: Failure.self) { try trainer.update(model) }
    trainer.cancel()
    #expect(throws: Failure.self) { try trainer.backward() }
    try trainer.forward(model, source)
    try trainer.backward()
    trainer.state = TrainerState()  // going back in time forgets what was begun
    #expect(throws: Failure.self) { try trainer.update(model) }
    #expect(trainer.state.step == 0)
  }

  /// Gradients of numbers that are no longer there move nothing, and say so.
  @Test func staleGradientsAreRefused() throws {
    let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
    let state = model.state
    try trainer.step(model, source)
    let later = model.state
    try trainer.forward(model, source)
    try trainer.backward()
    model.restore(state)
    #expect(throws: Failure.self) { try trainer.update(model) }
    #expect(trainer.state.step == 1)
    model.restore(later)
    #expect(try trainer.step(model, source).step == 2)
  }

  @Test func nothingTrainableIsRefused() throws {
    let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
    for parameter in model.parameters { parameter.pin = false }
    model.refreshTrainable()
    let failure = try #require(throws: Failure.self) { try trainer.step(model, source) }
    #expect(failure.what.contains("nothing is trainable") && failure.cure.contains("thaw"))
    try Networks.Attachment(LoRA(), to: model, name: "lora").isOn = false
    #expect(
      try #require(throws: Failure.self) { try trainer.step(model, source) }.cure == "lora is off: on lora")
    #expect(trainer.state.step == 0 && trainer.half == nil)
  }

  @Test func aBatchWithoutLossIsRefused() throws {
    let model = try SmallGPT.model(), trainer = Trainer(), before = model.bits
    let masked = try Batch([Example(ids: [1, 2, 3], labels: [-100, -100, -100])], pad: 0)
    let failure = try #require(throws: Failure.self) { try trainer.step(model, Same(masked)) }
    #expect(failure.what.contains("every label is masked"))
    #expect(model.bits == before && trainer.state.step == 0)
  }

  @Test func whatWasReportedIsWhatHappened() throws {
    let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
    try Networks.Attachment(LoRA(), to: model, name: "lora")
    (trainer.state.rate, trainer.state.schedule.warmup) = (0.02, 4)
    let batch = try source.batch(0)
    let first = try trainer.step(model, source), second = try trainer.step(model, source)
    #expect(first.step == 1 && second.step == 2 && trainer.state.step == 2)
    #expect(first.tokens == batch.rows * batch.columns)
    #expect(first.rate == 0.02 * 0.25 && second.rate == 0.02 * 0.5)
    // At the first step only B has a gradient that is not zero.
    #expect(first.moved == ["blocks.0.attn.qkv.lora.B", "blocks.1.attn.qkv.lora.B"])
    #expect(Set(second.moved) == Set(model.trainable.map(\.name)))
    #expect(trainer.state.losses.values == [first.loss, second.loss])
  }

  @Test func clippingBoundsTheStep() throws {
    func step(_ clip: Float) throws -> (StepReport, Float) {
      let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
      (trainer.state.optimiser, trainer.state.rate, trainer.state.clip) = (SGD(), 1, clip)
      let before = model.parameters.map(\.value)
      let report = try trainer.step(model, source)
      let squares = try zip(model.parameters, before).reduce(0.0) {
        let moved = Double(try ($1.0.value - $1.1).norm)
        return $0 + moved * moved
      }
      return (report, Float(squares.squareRoot()))
    }
    let (free, whole) = try step(0)
    #expect(free.clipped == 1 && abs(whole - free.gradientNorm) < 1e-3 * whole)
    let (bound, short) = try step(free.gradientNorm / 4)
    #expect(bound.gradientNorm == free.gradientNorm)
    #expect(abs(bound.clipped - 0.25) < 1e-4 && abs(short - whole / 4) < 1e-3 * whole)
    #expect(try step(free.gradientNorm * 2).0.clipped == 1)
  }

  @Test func ratesComeFromTheCard() throws {
    let model = try SmallGPT.model(), trainer = Trainer()
    #expect(trainer.rate(for: model) == 1e-3)
    let lora = try Networks.Attachment(LoRA(), to: model, name: "lora")
    let prompt = try Networks.Attachment(PromptTuning(), to: model, name: "prompt")
    #expect(trainer.rate(for: model) == PromptTuning.card.rate)
    prompt.isOn = false
    #expect(trainer.rate(for: model) == LoRA.card.rate)
    prompt.isOn = true
    try lora.fold(model)
    #expect(trainer.rate(for: model) == PromptTuning.card.rate)
    trainer.state.rate = 0.5
    #expect(trainer.rate(for: model) == 0.5)
  }

  /// What an optimiser remembers belongs to a parameter by its name, and survives others coming and going.
  @Test func memoryIsKeptByParameter() throws {
    let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
    try Networks.Attachment(LoRA(), to: model, name: "a")
    for _ in 0..<3 { try trainer.step(model, source) }
    let b = try Networks.Attachment(LoRA(), to: model, name: "b")
    try trainer.step(model, source)
    #expect(trainer.state.memory["blocks.0.attn.qkv.a.A"]?.steps == 4)
    #expect(trainer.state.memory["blocks.0.attn.qkv.b.A"]?.steps == 1)
    try b.detach(from: model)
    try trainer.step(model, source)
    #expect(trainer.state.memory["blocks.0.attn.qkv.a.A"]?.steps == 5)
    // A new attachment of an old name starts anew.
    try Networks.Attachment(LoRA(), to: model, name: "b")
    try trainer.step(model, source)
    #expect(trainer.state.memory["blocks.0.attn.qkv.b.A"]?.steps == 1)
    #expect(trainer.state.memory.count == model.trainable.count)
    #expect(trainer.state.memory["blocks.0.attn.qkv.a.A"]?.tensors.count == 2)
  }

  /// Another rank under an old name, at once or after undoing; another optimiser.
  @Test func strangeMemoryIsNotUsed() throws {
    let model = try SmallGPT.model(), trainer = Trainer(), source = try SmallGPT.batches()
    let wide = try Networks.Attachment(LoRA(), to: model, name: "lora")
    try trainer.step(model, source)
    let kept = (model.state, trainer.state)
    try wide.detach(from: model)
    var narrow = LoRA()
    narrow.r = 2
    try Networks.Attachment(narrow, to: model, name: "lora")
    try trainer.step(model, source)
    #expect(trainer.state.memory["blocks.0.attn.qkv.lora.A"]?.steps == 1)
    model.restore(kept.0)
    trainer.state = kept.1
    try trainer.step(model, source)
    #expect(trainer.state.memory["blocks.0.attn.qkv.lora.A"]?.steps == 2)
    trainer.state.optimiser = SGD()
    #expect(trainer.state.memory.isEmpty)
    try trainer.step(model, source)
    trainer.state.optimiser = AdamW()
    try trainer.step(model, source)
    var other = AdamW()
    other.decay = 0.1
    trainer.state.optimiser = other
    #expect(trainer.state.memory["blocks.0.attn.qkv.lora.A"]?.steps == 1)
    let bare = OptimiserMemory(steps: 3, tensors: [])
    let p = Tensor.filled([2], 1)
    #expect(try AdamW().step(p, gradient: p, memory: bare, rate: 0.1, factor: 1).memory.steps == 1)
  }

  private func make(_ type: any TuningMethod.Type) -> any TuningMethod { type.init() }
}
