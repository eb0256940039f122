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
  /// The step at which linear and cosine reach the floor; counted from step 0.
  public var total = 1000
  /// What is left at the end, as a share of lr.
  public var floor: Float = 0

  /// Rows for commands and files.
  public static var options: [Option<Schedule>] {
    [
      Option("schedule", \.shape, "how lr goes after warm-up"),
      Option("warmup", \.warmup, "steps over which lr rises"),
      Option("total", \.total, "the step at which linear and cosine end", in: 1...1_000_000_000),
      Option("floor", \.floor, "what is left of lr at the end, as a share", in: 0...1),
    ]
  }

  /// Constant.
  public init() {}

  /// The factor at a step, counted from 0.
  public func factor(_ step: Int) -> Float {
    if step < warmup { return Float(step + 1) / Float(warmup) }
    let x = min(1, Float(step - warmup) / Float(max(1, total - warmup)))
    switch shape {
    case .constant: return 1
    case .linear: return floor + (1 - floor) * (1 - x)
    case .cosine: return floor + (1 - floor) * 0.5 * (1 + cosf(.pi * x))
    }
  }
}
