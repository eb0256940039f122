import CKernels

/// Random numbers that depend on a seed, a purpose and a step alone, so that any of them can be made again.
///
/// Philox 4×32-10 with the seed as key and a hash of purpose and step as stream. Salmon et al. 2011,
/// "Parallel random numbers: as easy as 1, 2, 3".
public struct Chance: Sendable, Hashable {
  /// The session's seed.
  public var seed: UInt64

  /// Chance from a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// The stream of a purpose at a step: 64 bits that no other purpose and step share.
  public static func stream(_ purpose: String, step: Int = 0) -> UInt64 {
    var text = purpose
    let named = text.withUTF8 { ck_hash($0.count, $0.baseAddress, 0x6772_6166_74) }
    return named ^ (UInt64(bitPattern: Int64(step)) &* 0x9e37_79b9_7f4a_7c15)
  }

  /// Uniform numbers in [low, high).
  public func uniform(_ shape: [Int], _ low: Float = 0, _ high: Float = 1, purpose: String, step: Int = 0)
    -> Tensor
  {
    Tensor.make(shape) { out in
      let n = shape.reduce(1, *)
      ck_uniform(n, seed, Self.stream(purpose, step: step), 0, out)
      let most = low < high ? high.nextDown : high  // rounding could reach the open end
      for i in 0..<n { out[i] = min(low + (high - low) * out[i], most) }
    }
  }

  /// Normal numbers with mean 0 and the standard deviation given.
  public func normal(_ shape: [Int], deviation: Float = 1, purpose: String, step: Int = 0) -> Tensor {
    Tensor.make(shape) { out in
      let n = shape.reduce(1, *)
      ck_normal(n, seed, Self.stream(purpose, step: step), 0, out)
      for i in 0..<n { out[i] *= deviation }
    }
  }

  /// Normal numbers of which those beyond two standard deviations are drawn again.
  ///
  /// The deviation is that of the normal before the cut, as in TensorFlow and PyTorch; what is left has 0.88 of it.
  public func truncatedNormal(_ shape: [Int], deviation: Float = 1, purpose: String) -> Tensor {
    let drawn = normal(shape, purpose: purpose)
    return Tensor.make(shape) { out in
      drawn.read { from in
        for i in 0..<drawn.count {
          var x = from[i], again = 0
          while abs(x) > 2 {
            again += 1
            ck_normal(1, seed, Self.stream(purpose, step: again), UInt64(bitPattern: Int64(i)), &x)
          }
          out[i] = x * deviation
        }
      }
    }
  }

  /// The i-th uniform number in [0, 1) of a purpose and step.
  public func draw(_ i: Int, purpose: String, step: Int = 0) -> Float {
    var x: Float = 0
    ck_uniform(1, seed, Self.stream(purpose, step: step), UInt64(bitPattern: Int64(i)), &x)
    return x
  }

  /// The whole numbers 0 ..< n in an order drawn by chance (Fisher and Yates).
  public func order(_ n: Int, purpose: String, step: Int = 0) -> [Int] {
    var numbers = Array(0..<max(n, 0))
    guard n > 1 else { return numbers }
    let draws = uniform([n], purpose: purpose, step: step).scalars
    for i in stride(from: n - 1, to: 0, by: -1) {
      numbers.swapAt(i, min(i, Int(draws[i] * Float(i + 1))))
    }
    return numbers
  }
}
