import Data
import Engine

/// What `Benchmarks` can be asked for.
enum Commands {
  static let usage = """
    Benchmarks train SIZE CONFIG THREADS [SECONDS]   one measurement, one JSON line
    Benchmarks all [SECONDS]                         every size, config and 1 and 2 threads, each in a fresh process
    Benchmarks methods SIZE THREADS [SECONDS]        a row a method of the catalog: its step against full tuning's
    Benchmarks generate SIZE THREADS [SECONDS [FOLDER]]   greedy tokens a second; FOLDER gets the model for a peer
    Benchmarks generate PATH THREADS [SECONDS [bf16|nf4]] the same of a folder or GGUF file
    Benchmarks feedback SIZE THREADS [SECONDS [full]]  a step of DPO, an iteration of PPO, tokens drawn a second
    Benchmarks agree SIZE CONFIG FILE                writes weights and tokens to FILE, then trains 5 steps: losses
    Benchmarks same SIZE CONFIG                      trains 5 steps on 1 and on 2 threads: the bits must agree
    Benchmarks tokens FOLDER                         ids and texts against those that Scripts/tokenizer_parity.py wrote
    Benchmarks probe                                 GFLOP/s that the machine grants to 1 and 2 threads just now
    Benchmarks drift SIZE [STEPS]                    losses of LoRA in float32 and with bf16 products, step by step
    Benchmarks batches SIZE CONFIG THREADS           time a token and memory, from batches of 1 × 64 to 64 × 64
    Benchmarks contexts SIZE CONFIG THREADS          the same on one row of 64 to 2048 tokens
    Benchmarks typing                                undo of a step at nano, completion on a model of 30 layers
    Benchmarks picture OUT.svg [X] Y                 JSON lines from standard input as curves, or as bars by label
    SIZE: nano micro mini small gpt2   CONFIG: full lora lora-bf16, or a line: "prefix n=8"
    """

  /// Trains, measures, and prints a line.
  static func train(_ size: Size, _ config: Config, threads: Int, budget: Double) throws {
    Threads.shared.count = threads
    let bench = try Bench(size, config)
    let first = try bench.step()
    let cold = Machine.sinceStart
    let times = try Samples(budget: budget) { try bench.step() }
    let memory = Machine.peakMemory
    var line = Line()
    line.add("bench", "train")
    line.add("fw", "graft")
    line.add("size", size.name)
    line.add("config", config.line)
    line.add("threads", threads)
    line.add("ms_med", times.median * 1e3)
    line.add("ms_min", times.least * 1e3)
    line.add("ms_low", times.quietest * 1e3)
    line.add("ms_cpu", times.processor * 1e3)
    line.add("n", times.seconds.count)
    line.add("tok_s", Double(size.tokens) / times.median)
    line.add("rss_mb", memory)
    line.add("cold_s", cold)
    line.add("loss0", Double(first.loss))
    line.add("trainable", bench.model.trainableCount)
    line.add("optimiser_bytes", bench.optimiserBytes)
    line.add("undo_mb", Double(bench.model.trainableCount * 4 + bench.optimiserBytes) / 1_048_576)
    if config.isShared {
      line.add("gemm_gflop", bench.gigaflops)
      let products = bench.productSeconds(threads: threads)
      line.add("gemm_ms", products * 1e3)
      line.add("gemm_share", products / times.least)
    }
    line.add("probe", Machine.probe(threads: threads))
    print(line)
  }

  /// Every method of the catalog and full tuning in turn, each in a fresh process; then a table of medians.
  static func methods(_ program: String, _ size: Size, threads: Int, budget: Double) throws {
    var rows: [(line: String, runs: [MethodRun])] = []
    for config in Config.catalog where config != .full {
      do { _ = try Bench(size, config) } catch {
        print("\(config.line): not on this model (\("\(error)".split(separator: "\n").first ?? ""))")
        continue
      }
      let runs = try (0..<3).map { _ in
        MethodRun(
          own: try measured(program, size, config, threads, budget),
          full: try measured(program, size, .full, threads, budget))
      }
      rows.append((config.line, runs))
    }
    MethodRun.show(rows, size)
  }

  private static func measured(
    _ program: String, _ size: Size, _ config: Config, _ threads: Int, _ budget: Double
  ) throws -> [String: Double] {
    let words = [program, "train", size.name, config.line, "\(threads)", "\(budget)"]
    let output = try Subprocess(words, environment: ["BENCH_START": "\(Machine.wall)"]).run().output
    print(output, terminator: output.hasSuffix("\n") ? "" : "\n")
    return Line.numbers(output)
  }

  /// Every measurement, each in a process of its own so that memory and cold start are its own too.
  static func all(_ program: String, budget: Double) throws {
    for size in Size.all {
      for config in [Config.full, .lora] {
        for threads in [1, 2] {
          let words = [program, "train", size.name, config.line, "\(threads)", "\(budget)"]
          let environment: [String: String?] = ["BENCH_START": "\(Machine.wall)"]
          let outcome = try Subprocess(words, environment: environment).run()
          print(outcome.output, terminator: outcome.output.hasSuffix("\n") ? "" : "\n")
        }
      }
    }
  }

  /// Five losses from weights and tokens that a peer can read.
  static func agree(_ size: Size, _ config: Config, file: String) throws {
    let bench = try Bench(size, config, clip: 0)
    try Handover.write(bench, to: file)
    var line = Line()
    line.add("bench", "agree")
    line.add("fw", "graft")
    line.add("size", size.name)
    line.add("config", config.line)
    line.add("losses", try (0..<5).map { _ in try bench.step().loss })
    print(line)
  }

  /// A hash of everything trained after five steps, on one thread and on two.
  static func same(_ size: Size, _ config: Config) throws {
    let hashes = try [1, 2].map { threads in
      Threads.shared.count = threads
      let bench = try Bench(size, config)
      for _ in 0..<5 { try bench.step() }
      return bench.model.parameters.reduce(0) { $1.value.hash($0) }
    }
    var line = Line()
    line.add("bench", "same")
    line.add("size", size.name)
    line.add("config", config.line)
    line.add("hash1", String(hashes[0], radix: 16))
    line.add("hash2", String(hashes[1], radix: 16))
    line.add("same", hashes[0] == hashes[1] ? "yes" : "no")
    print(line)
  }

  /// What the machine grants.
  static func probe() {
    for threads in [1, 2] {
      var line = Line()
      line.add("bench", "probe")
      line.add("threads", threads)
      line.add("gflops", Machine.probe(threads: threads))
      print(line)
    }
  }
}
