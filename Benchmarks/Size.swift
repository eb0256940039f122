import Data
import Engine
import Methods
import Networks
import Training

/// A GPT-2-form model and its batch, as the peers' scripts have it too.
struct Size {
  let name: String
  let layers: Int, width: Int, heads: Int, vocabulary: Int
  var time: Int, rows: Int

  static let all = [
    Size(name: "nano", layers: 2, width: 64, heads: 4, vocabulary: 256, time: 64, rows: 8),
    Size(name: "micro", layers: 4, width: 128, heads: 4, vocabulary: 256, time: 64, rows: 8),
    Size(name: "mini", layers: 6, width: 256, heads: 8, vocabulary: 1024, time: 128, rows: 8),
    Size(name: "small", layers: 12, width: 512, heads: 8, vocabulary: 8192, time: 256, rows: 4),
    Size(name: "gpt2", layers: 12, width: 768, heads: 12, vocabulary: 50257, time: 128, rows: 4),
  ]

  var tokens: Int { rows * time }
}

/// One batch made by chance once, given at every step.
struct FixedBatch: BatchSource {
  let name = "random tokens"
  let only: Batch

  init(_ size: Size) throws {
    let draws = Chance(seed: 7).uniform([size.tokens], purpose: "tokens").scalars
    let ids = draws.map { min(size.vocabulary - 1, Int($0 * Float(size.vocabulary))) }
    only = try Batch(
      (0..<size.rows).map { try Example(ids: Array(ids[$0 * size.time..<($0 + 1) * size.time])) }, pad: 0)
  }

  func batch(_ step: Int) -> Batch { only }
  func evaluation() -> [Batch] { [only] }
}

/// A model with its trainer, ready for steps.
struct Bench {
  static let rate: Float = 1e-4
  let size: Size, config: Config
  let model: Model
  let source: FixedBatch
  let trainer = Trainer()

  init(_ size: Size, _ config: Config, clip: Float = 1) throws {
    self.size = size
    self.config = config
    var form = GPT.Form()
    form.vocabulary = size.vocabulary
    // Prompts and prefixes take positions of their own.
    form.context = size.time + (config.isShared ? 0 : 32)
    form.width = size.width
    form.layers = size.layers
    form.heads = size.heads
    model = try GPT.model(form, chance: Chance(seed: 1))
    source = try FixedBatch(size)
    trainer.state.rate = Self.rate
    trainer.state.clip = clip
    if config == .loraHalf { trainer.state.compute = .bf16 }
    try config.attach(to: model)
  }

  /// Bytes of what the optimiser remembers.
  var optimiserBytes: Int {
    trainer.state.memory.values.reduce(0) { $0 + $1.tensors.reduce(0) { $0 + 4 * $1.count } }
  }

  /// Forward, backward, update.
  @discardableResult
  func step() throws -> StepReport { try trainer.step(model, source) }
}
