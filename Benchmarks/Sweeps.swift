import Engine

/// What changes along a row of something: losses over steps, time over batches.
enum Sweeps {
  /// The losses of the same steps in float32 and with products of frozen weights in bfloat16.
  static func drift(_ size: Size, steps: Int) throws {
    let losses = try [Config.lora, .loraHalf].map { config in
      let bench = try Bench(size, config)
      bench.trainer.state.rate = 5e-3
      return try (0..<steps).map { _ in Double(try bench.step().loss) }
    }
    let differences = zip(losses[0], losses[1]).map { $1 - $0 }
    var line = Line()
    line.add("bench", "drift")
    line.add("size", size.name)
    line.add("steps", steps)
    line.add("first", losses[0].first ?? .nan)
    line.add("last", losses[0].last ?? .nan)
    line.add("last_bf16", losses[1].last ?? .nan)
    line.add("most", differences.map(abs).max() ?? .nan)
    line.add("mean", differences.reduce(0, +) / Double(max(steps, 1)))
    print(line)
  }

  /// Microseconds a token of a training step, for batches of 1 to 64 rows of 64 tokens.
  static func batches(_ size: Size, _ config: Config, threads: Int, budget: Double) throws {
    Threads.shared.count = threads
    for rows in [1, 2, 4, 8, 16, 32, 64] {
      let cut = Size(
        name: size.name, layers: size.layers, width: size.width, heads: size.heads,
        vocabulary: size.vocabulary, time: 64, rows: rows)
      let bench = try Bench(cut, config)
      let times = try Samples(budget: budget) { try bench.step() }
      var line = Line()
      line.add("bench", "batches")
      line.add("size", size.name)
      line.add("config", config.line)
      line.add("threads", threads)
      line.add("rows", rows)
      line.add("ms_med", times.median * 1e3)
      line.add("us_token", times.quietest * 1e6 / Double(cut.tokens))
      line.add("us_token_cpu", times.processor * 1e6 / Double(cut.tokens))
      line.add("n", times.seconds.count)
      print(line)
    }
  }
}
