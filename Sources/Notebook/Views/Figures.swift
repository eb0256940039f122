import Engine

/// What a view says of many numbers, all in double precision.
struct Figures {
  /// How many there are.
  let count: Int
  /// The mean, NaN where there are none.
  let mean: Double
  /// The standard deviation (divided by n); exactly 0 where all are equal.
  let deviation: Double
  /// The square root of the sum of squares.
  let norm: Double
  /// The least and the greatest.
  let least: Double, greatest: Double
  /// How many are exactly 0.
  let zeros: Int

  /// Of the numbers of several tensors together.
  init(_ tensors: [Tensor]) {
    let count = tensors.reduce(0) { $0 + $1.count }
    var sum = 0.0, squares = 0.0, least = Float.infinity, greatest = -Float.infinity, zeros = 0
    for tensor in tensors {
      tensor.read { x in
        for i in 0..<tensor.count {
          sum += Double(x[i])
          squares += Double(x[i]) * Double(x[i])
          least = min(least, x[i])
          greatest = max(greatest, x[i])
          if x[i] == 0 { zeros += 1 }
        }
      }
    }
    let mean = count == 0 ? Double.nan : sum / Double(count)
    var spread = 0.0
    if least < greatest {
      for tensor in tensors {
        tensor.read { x in
          for i in 0..<tensor.count { spread += (Double(x[i]) - mean) * (Double(x[i]) - mean) }
        }
      }
    }
    self.count = count
    self.mean = least == greatest ? Double(least) : mean
    self.least = Double(least)
    self.greatest = Double(greatest)
    self.zeros = zeros
    norm = squares.squareRoot()
    deviation = (spread / Double(max(count, 1))).squareRoot()
  }

  /// Of one tensor.
  init(_ tensor: Tensor) { self.init([tensor]) }
}
