import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the learning rate goes over the steps: a factor on lr.
///
///     warm-up: (t + 1)/warmup        linear: 1 → floor        cosine: ½(1 + cos πx), 1 → floor
public struct Schedule: Sendable, Equatable {
  /// The shape after warm-up.
  public enum Shape: String, CaseIterable, Sendable { case constant, linear, cosine }

  /// The shape after warm-up.
  public var shape = Shape.constant
  /// Steps over which the rate rises from near 0.
  public var warmup = 0
  /// Steps after which linear and cosine reach the floor, warm-up among them.
  public var total = 1000
  /// The step that it is counted from.
  public var begin = 0
  /// What is left at the end, as a share of lr.
  public var floor: Float = 0

  /// Rows for commands and files.
  public static var options: [Option<Schedule>] {
    [
      Option("schedule", \.shape, "how lr goes after warm-up"),
      Option("warmup", \.warmup, "steps over which lr rises"),
      Option("total", \.total, "steps after which linear and cosine end", in: 1...1_000_000_000),
      Option("begin", \.begin, "the step that warm-up and total count from", in: 0...1_000_000_000_000),
      Option("floor", \.floor, "what is left of lr at the end, as a share", in: 0...1),
    ]
  }

  /// Constant.
  public init() {}

  /// The factor at a step, counted from 0.
  public func factor(_ step: Int) -> Float {
    let step = max(0, step - begin)
    if step < warmup { return Float(step + 1) / Float(warmup) }
    let x = min(1, Float(step - warmup) / Float(max(1, total - warmup)))
    switch shape {
    case .constant: return 1
    case .linear: return floor + (1 - floor) * (1 - x)
    case .cosine: return floor + (1 - floor) * 0.5 * (1 + cosf(.pi * x))
    }
  }
}
