import Data
import Engine
import Methods
import Networks
import Training

/// Alignment at one size: a step of DPO, an iteration of PPO, tokens drawn a second. Where LoRA trains, the reference is
/// the same model with it switched off, so that there is no second copy; where everything trains, the weights from before
/// are kept, which is one.
enum Feedback {
  /// Tokens of a prompt and of an answer.
  static let prompt = 8, answer = 24

  /// The same rows as pairs: the first half chosen, the second rejected.
  private struct Pairs: BatchSource {
    let name = "random pairs"
    let only: Batch

    init(_ size: Size) throws {
      let ids = try FixedBatch(size).only.ids
      let rows = try ids.map { row -> Example in
        let labels = row.enumerated().map { $0.offset < Feedback.prompt ? Example.ignored : $0.element }
        return try Example(ids: row, labels: labels)
      }
      var batch = try Batch(rows, pad: 0)
      batch.preferences = Array(repeating: Preference(), count: rows.count / 2)
      only = batch
    }

    func batch(_ step: Int) -> Batch { only }
    func evaluation() -> [Batch] { [only] }
  }

  /// Long answers are worth nothing in particular: the sum of the tokens' numbers.
  private struct ByNumber: Reward {
    let line = "reward of the benchmark"
    func scores(_ answers: [Answer]) -> [Float] {
      answers.map { Float($0.tokens.reduce(0, +) % 97) / 97 }
    }
  }

  /// Measures, and prints a line.
  static func run(_ size: Size, threads: Int, budget: Double, isWhole: Bool) throws {
    Threads.shared.count = threads
    let bench = try Bench(size, isWhole ? .full : .lora), pairs = try Pairs(size)
    if isWhole { try Attachment(FullTuning(), to: bench.model, name: "full") }
    bench.trainer.state.objective = DPO()
    let dpo = try Samples(budget: budget) { try bench.trainer.step(bench.model, pairs) }
    var ppo = PPO()
    (ppo.drawing.prompt, ppo.drawing.tokens) = (prompt, answer)
    bench.trainer.state = TrainerState()
    (bench.trainer.state.objective, bench.trainer.state.reward) = (ppo, ByNumber())
    bench.trainer.state.rate = Bench.rate
    let drawn = try Samples(budget: budget) { try bench.trainer.rollout(bench.model, bench.source) }
    let iteration = try Samples(budget: budget) {
      bench.trainer.cancel()
      try bench.trainer.step(bench.model, bench.source)
    }
    var line = Line()
    line.add("bench", "feedback")
    line.add("size", size.name)
    line.add("config", isWhole ? "full" : "lora")
    line.add("threads", threads)
    line.add("dpo_ms", dpo.median * 1e3)
    line.add("ppo_ms", iteration.median * 1e3)
    line.add("rollout_ms", drawn.median * 1e3)
    line.add("rollout_tok_s", Double(size.rows * answer) / drawn.median)
    line.add("rss_mb", Machine.peakMemory)
    print(line)
  }
}
