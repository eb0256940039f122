import Engine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How rotary positions count: the frequencies by which pairs of numbers turn, and how they are stretched for texts
/// longer than those of training.
///
///     f[i] = θ^(−2i/width)        the angle of position p: p·f[i]
public struct Rotary: Sendable, Equatable {
  /// How the frequencies are stretched.
  public enum Kind: String, CaseIterable, Sendable {
    /// Not at all.
    case usual = "default"
    /// All alike: f/factor.
    case linear
    /// By a larger θ, as far as the text at hand is longer than the context.
    case dynamic
    /// Slow ones wholly, fast ones not, and a curve between. Dubey et al. 2024, arXiv:2407.21783.
    case llama3
    /// By their turns within the old context, with sharper attention. Peng et al. 2023, arXiv:2309.00071.
    case yarn
  }

  /// θ: how slow the slowest pair is.
  public var theta: Float = 10_000
  /// How they are stretched.
  public var kind = Kind.usual
  /// By how much.
  public var factor: Float = 1
  /// The context of training, for llama3 and yarn; 0: that of the model.
  public var original = 0
  /// llama3: a wave that fits this often into the old context, or less, is stretched wholly.
  public var low: Float = 1
  /// llama3: one that fits this often, or more, is left alone.
  public var high: Float = 4
  /// yarn: pairs that turn this often within the old context, or more, are left alone.
  public var fast: Float = 32
  /// yarn: those that turn this often, or less, are stretched wholly.
  public var slow: Float = 1
  /// yarn: what multiplies cosines and sines; 0: 0.1·ln(factor) + 1, or by the two that follow.
  public var attention: Float = 0
  /// yarn: m of the numerator 0.1·m·ln(factor) + 1; 0: not given.
  public var numerator: Float = 0
  /// yarn: m of the denominator; 0: not given.
  public var denominator: Float = 0
  /// yarn: whether the bounds between fast and slow are whole pairs.
  public var isTruncated = true

  /// The first form: θ = 10000, not stretched.
  public init() {}

  /// The frequencies of a head's pairs, for a text of `length` positions, and what multiplies cosines and sines.
  public func frequencies(_ headWidth: Int, context: Int, length: Int) -> (all: [Double], factor: Double) {
    let plain = Self.plain(Double(theta), headWidth), factor = Double(factor)
    let original = Double(original > 0 ? self.original : context)
    switch kind {
    case .usual: return (plain, 1)
    case .linear: return (plain.map { $0 / factor }, 1)
    case .dynamic:
      let ratio = factor * Double(max(length, context)) / Double(context) - (factor - 1)
      let power = headWidth > 2 ? Double(headWidth) / Double(headWidth - 2) : 1
      return (Self.plain(Double(theta) * pow(ratio, power), headWidth), 1)
    case .llama3: return (plain.map { llama3($0, factor, original) }, 1)
    case .yarn: return (yarn(plain, headWidth, factor, original), sharpness)
    }
  }

  /// The bound of positions: none, since angles can be had of any; what was trained ends at the context.
  static let bound = Int.max

  private static func plain(_ theta: Double, _ headWidth: Int) -> [Double] {
    stride(from: 0, to: headWidth, by: 2).map { 1 / pow(theta, Double($0) / Double(headWidth)) }
  }

  private func llama3(_ f: Double, _ factor: Double, _ original: Double) -> Double {
    let turns = original * f / (2 * Double.pi)  // how often the wave fits into the old context
    if turns < Double(low) { return f / factor }
    if turns > Double(high) { return f }
    let share = (turns - Double(low)) / Double(high - low)
    return (1 - share) * f / factor + share * f
  }

  private func yarn(_ plain: [Double], _ headWidth: Int, _ factor: Double, _ original: Double) -> [Double] {
    func pair(_ turns: Float) -> Double {
      Double(headWidth) * log(original / (Double(turns) * 2 * Double.pi)) / (2 * log(Double(theta)))
    }
    var (first, last) = (pair(fast), pair(slow))
    if isTruncated { (first, last) = (first.rounded(.down), last.rounded(.up)) }
    (first, last) = (max(first, 0), min(last, Double(headWidth - 1)))
    if first == last { last += 0.001 }
    return plain.enumerated().map { i, f in
      let stretched = min(1, max(0, (Double(i) - first) / (last - first)))
      return f / factor * stretched + f * (1 - stretched)
    }
  }

  private var sharpness: Double {
    if attention > 0 { return Double(attention) }
    func scale(_ m: Double) -> Double { factor <= 1 ? 1 : 0.1 * m * log(Double(factor)) + 1 }
    guard numerator != 0, denominator != 0 else { return scale(1) }
    return scale(Double(numerator)) / scale(Double(denominator))
  }
}
