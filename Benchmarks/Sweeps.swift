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
      var cut = size
      (cut.time, cut.rows) = (64, rows)
      try measure(cut, config, "batches", budget: budget)
    }
  }

  /// Memory and time of a training step on one row, as it grows longer.
  static func contexts(_ size: Size, _ config: Config, threads: Int, budget: Double) throws {
    Threads.shared.count = threads
    for time in [64, 128, 256, 512, 1024, 2048] {
      var cut = size
      (cut.time, cut.rows) = (time, 1)
      try measure(cut, config, "contexts", budget: budget)
    }
  }

  /// A line of one batch's time a token, and of the most memory at once beyond the weights.
  private static func measure(_ size: Size, _ config: Config, _ name: String, budget: Double) throws {
    let bench = try Bench(size, config), pool = MemoryPool.shared
    try bench.step()
    let live = pool.bytes.live
    pool.resetPeak()
    let times = try Samples(budget: budget) { try bench.step() }
    var line = Line()
    line.add("bench", name)
    line.add("size", size.name)
    line.add("config", config.line)
    line.add("threads", Threads.shared.count)
    line.add("rows", size.rows)
    line.add("tokens", size.tokens)
    line.add("ms_med", times.median * 1e3)
    line.add("us_token", times.quietest * 1e6 / Double(size.tokens))
    line.add("us_token_cpu", times.processor * 1e6 / Double(size.tokens))
    line.add("peak_mb", Double(pool.bytes.peak - live) / 1_048_576)
    line.add("n", times.seconds.count)
    print(line)
  }
}
