#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Cosines and sines by which positions turn the heads' queries and keys: [batch, time, width/2] each.
public struct RotaryAngles: Sendable {
  /// Batch and time.
  public let shape: [Int]
  /// Pairs that are turned, half of a head's numbers.
  public let pairs: Int
  let cosines: [Float], sines: [Float]

  /// Angles of positions [batch][time]: pair i of position p is turned by p·frequencies[i]. Cosines and sines are
  /// multiplied by `factor`, by which some stretched forms sharpen attention.
  public init(_ positions: [[Int]], frequencies: [Double], factor: Double = 1) {
    shape = [positions.count, positions.first?.count ?? 0]
    pairs = frequencies.count
    // The product is rounded to float32, as everybody computes it.
    let angles = positions.joined().flatMap { p in frequencies.map { Double(Float(p) * Float($0)) } }
    cosines = angles.map { Float(factor * cos($0)) }
    sines = angles.map { Float(factor * sin($0)) }
  }
}

extension Tensor {
  /// Rotary positions: each head's numbers are pairs (i, i + half), turned by the angle of their position.
  /// Su et al. 2021, arXiv:2104.09864.
  ///
  ///     y[i] = x[i]·cos − x[i + half]·sin        y[i + half] = x[i + half]·cos + x[i]·sin
  ///
  /// x: [batch, time, heads·headWidth]. The score of a turned query and a turned key depends on their distance alone.
  public func rotated(by angles: RotaryAngles, headWidth: Int) throws -> Tensor {
    guard headWidth == 2 * angles.pairs, headWidth > 0, width % headWidth == 0,
      shape.count == 3, Array(shape.dropLast()) == angles.shape
    else {
      throw EngineError.shapes(
        op: "rotary", "\(shape) by angles \(angles.shape + [angles.pairs]) for heads of \(headWidth)")
    }
    let y = turned(by: angles, headWidth, 1)
    return try y.recorded("rotary", from: [self]) { dy in [dy.turned(by: angles, headWidth, -1)] }
  }

  /// All pairs turned, forwards or (`sign` −1) back.
  private func turned(by angles: RotaryAngles, _ headWidth: Int, _ sign: Float) -> Tensor {
    let n = width, half = angles.pairs, heads = n / headWidth
    return Tensor.make(shape) { y in
      read { x in
        angles.cosines.withUnsafeBufferPointer { cosines in
          angles.sines.withUnsafeBufferPointer { sines in
            Threads.shared.ranges(rows, grain: rowGrain(n)) { part in
              for row in part {
                for head in 0..<heads {
                  let a = row * n + head * headWidth, b = a + half
                  for i in 0..<half {
                    let c = cosines[row * half + i], s = sign * sines[row * half + i]
                    (y[a + i], y[b + i]) = (x[a + i] * c - x[b + i] * s, x[b + i] * c + x[a + i] * s)
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
