/// Times of one thing measured again and again.
struct Samples {
  /// Seconds, in the order they were taken.
  private(set) var seconds: [Double] = []
  /// The median of each window.
  private(set) var windows: [Double] = []
  /// Processor seconds of all threads, by step.
  private(set) var processor = 0.0

  /// Runs `body` for so many seconds, at least seven times, in windows of a fifth of a second.
  init(budget: Double, warmUp: Int = 3, _ body: () throws -> Void) rethrows {
    for _ in 0..<warmUp { try body() }
    let end = Machine.now + budget, used = Machine.processor
    repeat {
      let first = seconds.count, close = Machine.now + 0.2
      repeat {
        let start = Machine.now
        try body()
        seconds.append(Machine.now - start)
      } while Machine.now < close
      windows.append(Self.median(Array(seconds[first...])))
    } while seconds.count < 7 || Machine.now < end
    processor = (Machine.processor - used) / Double(seconds.count)
  }

  var median: Double { Self.median(seconds) }
  var least: Double { seconds.min() ?? .nan }
  /// The median of the quietest window.
  var quietest: Double { windows.min() ?? .nan }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted(), middle = sorted.count / 2
    guard !sorted.isEmpty else { return .nan }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
