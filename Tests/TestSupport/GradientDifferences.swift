/// Derivatives of a scalar function by central differences, with a statement of how far they can be trusted.
public struct GradientDifferences: Sendable {
  /// Which numbers of the input were moved: all, or `most` of them evenly spread.
  public let places: [Int]
  /// The derivative by the number at each of these places.
  public let values: [Double]
  /// The largest difference between steps h and h/2, as a share of the largest derivative (1 at least).
  public let disagreement: Double

  /// Differences at `inputs` by the numbers of input `which`, extrapolated from two steps (Richardson 1911):
  ///
  ///     D(h) = (f(x + h) − f(x − h))/2h        f′ ≈ (4·D(h/2) − D(h))/3
  public init(
    of function: ([ReferenceArray<Double>]) -> Double, at inputs: [ReferenceArray<Double>], by which: Int,
    most: Int = 20, step: Double = 2e-4
  ) {
    var moved = inputs, values: [Double] = [], worst = 0.0
    func difference(_ i: Int, _ h: Double) -> Double {
      let x = inputs[which].values[i]
      moved[which].values[i] = x + h
      let above = function(moved)
      moved[which].values[i] = x - h
      let below = function(moved)
      moved[which].values[i] = x
      return (above - below) / (2 * h)
    }
    let n = inputs[which].count
    places = n <= most ? Array(0..<n) : (0..<most).map { $0 * n / most + $0 % max(n / most, 1) }
    for i in places {
      let wide = difference(i, step), narrow = difference(i, step / 2)
      values.append((4 * narrow - wide) / 3)
      worst = max(worst, abs(narrow - wide))
    }
    self.values = values
    disagreement = worst / max(1, values.map(abs).max() ?? 0)
  }
}
