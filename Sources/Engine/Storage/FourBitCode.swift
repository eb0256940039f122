/// A code of four bits: sixteen numbers in −1 … 1, to the nearest of which a weight over its block's largest goes.
///
/// `nf4`: quantiles of the normal distribution, so that normal weights use all codes about equally often (Dettmers et
/// al. 2023, arXiv:2305.14314). `int4`: −7 … 7, evenly spaced. `fp4`: a float of 1 + 2 + 1 bits as bitsandbytes has it;
/// `e2m1`: the same bits with the exponents of the OCP formats. The last three spend one code on nothing new.
public enum FourBitCode: String, CaseIterable, Sendable {
  case nf4, fp4, int4, e2m1

  /// The numbers by code, 0 to 15.
  public var values: [Float] { table.values }

  /// Codes by rising value; where two share a value, the one that the lower numbers take comes first.
  public var order: [UInt8] { table.order }

  /// Numbers up to `midpoints[i]` and above the one before take the code `order[i]`.
  public var midpoints: [Float] { table.midpoints }

  var table: Table { Self.tables[Self.allCases.firstIndex(of: self) ?? 0] }

  /// What a code is made of, computed once.
  struct Table: Sendable {
    let values: [Float]
    let order: [UInt8]
    let midpoints: [Float]
    /// For each byte of two codes, the two values: [256, 2].
    let pairs: [Float]

    init(_ values: [Float], order: [UInt8]) {
      self.values = values
      self.order = order
      let sorted = order.map { values[Int($0)] }
      midpoints = zip(sorted, sorted.dropFirst()).map { ($0 + $1) / 2 }
      pairs = (0..<256).flatMap { [values[$0 >> 4], values[$0 & 15]] }
    }

    /// The code of x in −1 … 1: as many steps up as there are midpoints strictly below it.
    func code(_ x: Float) -> UInt8 {
      var i = 0
      for middle in midpoints where x > middle { i += 1 }
      return order[i]
    }
  }

  private static let tables = allCases.map { code -> Table in
    switch code {
    case .nf4: return Table(normal, order: Array(0..<16))
    case .fp4:
      let steps: [Float] = [0, 0.0625, 8, 12, 4, 6, 2, 3]
      return Table(
        (steps + steps.map { 0 - $0 }).map { $0 / 12 },
        order: [11, 10, 13, 12, 15, 14, 9, 0, 8, 1, 6, 7, 4, 5, 2, 3])
    case .int4: return Table((-8..<8).map { Float($0) / 7 }, order: Array(0..<16))
    case .e2m1:
      let steps: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
      return Table(
        (steps + steps.map { 0 - $0 }).map { $0 / 6 },
        order: [15, 14, 13, 12, 11, 10, 9, 0, 8, 1, 2, 3, 4, 5, 6, 7])
    }
  }

  private static let normal: [Float] = [
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023,
    1.0,
  ]
}
