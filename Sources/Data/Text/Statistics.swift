#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Figures that say how good a classifier is, and how sure one can be of them.
public enum Statistics {
  /// The mean over the classes of the share of each that was found; 1/classes is chance, whatever the
  /// classes' sizes.
  ///
  /// Classes that do not occur in the truth are left out; NaN where there is nothing.
  public static func balancedAccuracy(truth: [Int], predicted: [Int]) -> Double {
    var found: [Int: (right: Int, all: Int)] = [:]
    for (wanted, guess) in zip(truth, predicted) {
      found[wanted, default: (0, 0)].all += 1
      if wanted == guess { found[wanted, default: (0, 0)].right += 1 }
    }
    // Summed in the order of the classes: the same bits every time.
    let sum = found.sorted { $0.key < $1.key }.reduce(0.0) {
      $0 + Double($1.value.right) / Double($1.value.all)
    }
    return sum / Double(found.count)
  }

  /// The share of right answers; NaN where there is nothing.
  public static func accuracy(truth: [Int], predicted: [Int]) -> Double {
    Double(zip(truth, predicted).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) })
      / Double(min(truth.count, predicted.count))
  }

  /// The most frequent class, the smallest of equals, and its share; nil where there is nothing.
  public static func majority(_ classes: [Int]) -> (choice: Int, share: Double)? {
    let counts = Dictionary(grouping: classes) { $0 }.mapValues(\.count)
    guard let best = counts.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }) else { return nil }
    return (best.key, Double(best.value) / Double(classes.count))
  }

  /// Wilson's interval for a share: `right` of `count`, at 95 % unless told otherwise (z = 1.96).
  public static func wilson(right: Int, of count: Int, z: Double = 1.959964) -> ClosedRange<Double> {
    guard count > 0 else { return 0...1 }
    let n = Double(count)
    let share = min(max(Double(right) / n, 0), 1)
    let denominator = 1 + z * z / n
    let middle = (share + z * z / (2 * n)) / denominator
    let spread: Double = share * (1 - share) / n + z * z / (4 * n * n)
    let reach = z * spread.squareRoot() / denominator
    return max(0, middle - reach)...min(1, middle + reach)
  }

  /// A 95 % interval for the balanced accuracy, by drawing each class's answers again, with replacement.
  ///
  /// Percentile bootstrap within classes: each draw keeps the classes' sizes.
  public static func balancedAccuracyInterval(
    truth: [Int], predicted: [Int], draws: Int = 1000, seed: Int = 0
  ) -> ClosedRange<Double> {
    var hits: [Int: [Int]] = [:]
    for (wanted, guess) in zip(truth, predicted) { hits[wanted, default: []].append(wanted == guess ? 1 : 0) }
    let classes = hits.sorted { $0.key < $1.key }.map(\.value)
    guard !classes.isEmpty, draws > 0 else { return 0...1 }
    let values: [Double] = (0..<draws).map { draw in
      var sum = 0.0
      var place = 0
      for answers in classes {
        var right = 0
        for _ in answers {
          right += answers[CountedChance.number(below: answers.count, seed, draw, place)]
          place += 1
        }
        sum += Double(right) / Double(answers.count)
      }
      return sum / Double(classes.count)
    }
    let sorted = values.sorted()
    return quantile(sorted, 0.025)...quantile(sorted, 0.975)
  }

  /// The arithmetic mean; NaN where there is nothing.
  public static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// Smallest and largest; nil where there is nothing.
  public static func range(_ values: [Double]) -> ClosedRange<Double>? {
    guard let low = values.min(), let high = values.max(), low <= high else { return nil }
    return low...high
  }

  /// The value below which a share of sorted values lies, straight between neighbours.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }

  /// Bits a byte: the loss of a whole text in nats over its length in UTF-8 bytes, comparable between
  /// tokenizers.
  ///
  ///     nats / (ln 2 · bytes)
  public static func bitsPerByte(nats: Double, bytes: Int) -> Double { nats / (log(2) * Double(bytes)) }
}
