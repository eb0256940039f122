/// Multi-head attention written as its formula says, with every score held.
public struct ReferenceAttention: Sendable {
  /// Query heads, key heads, numbers a head.
  public var heads, keyHeads, headWidth: Int
  /// Whether query i sees keys up to i + (keys − queries) only.
  public var isCausal: Bool
  /// Which keys are real, by batch row; nil: all.
  public var mask: [[UInt8]]?
  /// ALiBi's slope by head.
  public var slopes: [Float]?

  /// What multiplies the scores; nil: 1/√headWidth.
  public var scale: Float?
  /// Where keys stand for the slopes, extra ones first; nil: in order, and extra keys gain nothing.
  public var places: [[Float]]?
  /// How many keys a query sees up to its own place; nil: all.
  public var window: Int?

  /// A form with the usual scale, 1/√headWidth, unless another is given.
  public init(
    heads: Int, keyHeads: Int? = nil, headWidth: Int, isCausal: Bool = false, mask: [[UInt8]]? = nil,
    slopes: [Float]? = nil, scale: Float? = nil, places: [[Float]]? = nil, window: Int? = nil
  ) {
    (self.heads, self.keyHeads, self.headWidth) = (heads, keyHeads ?? heads, headWidth)
    (self.isCausal, self.mask, self.slopes, self.scale) = (isCausal, mask, slopes, scale)
    (self.places, self.window) = (places, window)
  }

  /// softmax(scale·q·kᵀ + bias + mask)·v; q [batch, queries, heads·width], k and v [batch, keys, keyHeads·width]; extra
  /// keys and values [extra, …] or [batch, extra, …] stand before the others, and bias is [heads, queries, extra + keys].
  /// A query that sees nothing gives 0.
  @specialized(where T == Double)
  public func callAsFunction<T: BinaryFloatingPoint & Sendable>(
    _ q: ReferenceArray<T>, _ k: ReferenceArray<T>, _ v: ReferenceArray<T>,
    extra: (keys: ReferenceArray<T>, values: ReferenceArray<T>)? = nil, bias: ReferenceArray<T>? = nil
  ) -> ReferenceArray<T> {
    let batch = q.shape[0], queries = q.shape[1],
      before = extra.map { $0.keys.shape[$0.keys.shape.count - 2] } ?? 0
    var out = [T](repeating: 0, count: batch * queries * heads * headWidth)
    func extraRow(_ x: ReferenceArray<T>, _ b: Int, _ j: Int) -> Int {
      x.shape.count == 3 ? b * before + j : j
    }
    for b in 0..<batch {
      for h in 0..<heads {
        let column = h / (heads / keyHeads) * headWidth
        func read(_ x: ReferenceArray<T>, _ own: ReferenceArray<T>?, _ j: Int, _ c: Int) -> T {
          if j < before, let own { return own[extraRow(own, b, j), column + c] }
          return x[b * x.shape[1] + j - before, column + c]
        }
        for i in 0..<queries {
          let keys = visible(b, i, queries, k.shape[1], before)
          let scores = keys.map { j in
            var score: T = 0
            for c in 0..<headWidth {
              score += q[b * queries + i, h * headWidth + c] * read(k, extra?.keys, j, c)
            }
            score *= scale.map { T($0) } ?? 1 / T(headWidth).squareRoot()
            if let bias { score += bias[h * queries + i, j] }
            if let slopes, let places {
              score += T(slopes[h]) * T(places[b][j])
            } else if let slopes, j >= before {
              score += T(slopes[h]) * T(j - before - (k.shape[1] - 1))
            }
            return score
          }
          guard !keys.isEmpty else { continue }
          let p = ReferenceArray([keys.count], scores).softmax().values
          let at = ((b * queries + i) * heads + h) * headWidth
          for (j, p) in zip(keys, p) {
            for c in 0..<headWidth { out[at + c] += p * read(v, extra?.values, j, c) }
          }
        }
      }
    }
    return ReferenceArray([batch, queries, heads * headWidth], out)
  }

  private func visible(_ b: Int, _ i: Int, _ queries: Int, _ keys: Int, _ before: Int) -> [Int] {
    (0..<before + keys).filter { j in
      let t = j - before
      if t < 0 { return true }
      if let mask, mask[b][t] == 0 { return false }
      if let window, t <= i + keys - queries - window { return false }
      return !isCausal || t <= i + keys - queries
    }
  }
}
