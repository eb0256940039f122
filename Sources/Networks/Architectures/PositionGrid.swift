import Engine

extension ViT {
  /// A position table for pictures of another size: the class token's row stays, the patches' rows are resampled as a
  /// picture is (bicubic, a = −¾, edges repeated), as `transformers` does.
  ///
  ///     w(d) = (a+2)|d|³ − (a+3)|d|² + 1  for |d| ≤ 1        a|d|³ − 5a|d|² + 8a|d| − 4a  for |d| < 2
  ///
  /// [1 + old², width] → [1 + side², width]
  public static func positions(_ table: Tensor, side: Int) throws -> Tensor {
    let (rows, width) = (table.shape[0], table.width), old = Int(Double(rows - 1).squareRoot().rounded())
    guard old * old == rows - 1, side > 0 else {
      throw EngineError.shapes(op: "positions", "\(rows - 1) patches are no square")
    }
    guard old != side else { return table }
    let values = table.scalars, taps = (0..<side).map { Taps($0, from: old, to: side) }
    var out = Array(values[..<width])
    for down in taps {
      // First down the columns, then along the row.
      var row = [Double](repeating: 0, count: old * width)
      for (from, weight) in zip(down.places, down.weights) {
        for i in 0..<old * width { row[i] += weight * Double(values[width + from * old * width + i]) }
      }
      for along in taps {
        for i in 0..<width {
          out.append(
            Float(zip(along.places, along.weights).reduce(0) { $0 + $1.1 * row[$1.0 * width + i] }))
        }
      }
    }
    return try Tensor([1 + side * side, width], out)
  }

  /// The four places that a resampled one is made of, and their weights.
  private struct Taps {
    var places: [Int] = [], weights: [Double] = []

    init(_ index: Int, from old: Int, to new: Int) {
      let at = (Double(index) + 0.5) * Double(old) / Double(new) - 0.5, first = at.rounded(.down)
      for step in -1...2 {
        places.append(min(max(Int(first) + step, 0), old - 1))
        weights.append(Self.weight(abs(at - first - Double(step))))
      }
    }

    private static func weight(_ d: Double) -> Double {
      let a = -0.75
      return d <= 1
        ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
    }
  }
}
