import Data
import Engine
import Formats
import Networks
import Options

/// Greedy generation with cached keys and values, one row: tokens a second.
enum Generating {
  /// Tokens of the prompt, and those that are made.
  static let prompt = 8

  /// Measures a size; with `file`, the weights for a peer are written there first, and the tokens made are printed.
  static func run(_ size: Size, threads: Int, budget: Double, file: String?) throws {
    Threads.shared.count = threads
    let model = try Bench(size, .full).model
    if let file { try BaseFolder.write(model, to: file) }
    try measure(model, name: size.name, count: size.time - prompt, threads: threads, budget: budget)
  }

  /// Measures a model from a folder or GGUF file, its weights as `keep` says: float32, bf16, or nf4 with double
  /// quantisation.
  static func run(path: String, keep: String?, threads: Int, budget: Double) throws {
    guard ["f32", "bf16", "nf4"].contains(keep ?? "f32") else {
      throw Failure("weights are kept as f32, bf16 or nf4, not as “\(keep ?? "")”.")
    }
    Threads.shared.count = threads
    let base = try BaseFolder(path, keep: keep == "bf16" ? .bf16 : .f32, chance: Chance(seed: 1))
    if keep == "nf4" { try base.model.pack(base.model.packable.map { ($0, FourBit.Form()) }) }
    try measure(base.model, name: path, count: 64, threads: threads, budget: budget)
  }

  private static func measure(
    _ model: Model, name: String, count: Int, threads: Int, budget: Double
  ) throws {
    let vocabulary = model.size("vocab_size") ?? 256
    let start = (0..<prompt).map { ($0 * 37 + 11) % vocabulary }
    let made = try model.generate([start], count: count).first ?? []
    let samples = try Samples(budget: budget) { _ = try model.generate([start], count: count) }
    var line = Line()
    line.add("bench", "generate")
    line.add("size", name)
    line.add("threads", threads)
    line.add("made", made.count)
    line.add("tok_s", Double(made.count) / samples.median)
    line.add("rss_mb", Machine.peakMemory)
    line.add("tokens", made.map(String.init).joined(separator: " "))
    print(line)
  }
}
