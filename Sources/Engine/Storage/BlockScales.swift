/// The largest magnitude of each block: as float32, or once more quantised, to eight bits in blocks of 256.
///
///     scale = map[code]·nested[block of 256] + offset        offset: the mean of all scales
///
/// Double quantisation of Dettmers et al. 2023: 8 bits a block instead of 32, and 32 bits for every 256 blocks.
public struct BlockScales: Sendable, Equatable {
  /// The scales as float32; empty where they are quantised.
  public let plain: [Float]
  /// Codes of the quantised scales, one a block.
  public let codes: [UInt8]
  /// The largest magnitude of each 256 scales less the offset.
  public let nested: [Float]
  /// What the scales are counted from.
  public let offset: Float

  /// How many scales share a scale of their own.
  public static let block = 256

  /// Scales as they are.
  public init(_ scales: [Float]) { (plain, codes, nested, offset) = (scales, [], [], 0) }

  /// Quantised scales from their parts.
  public init(codes: [UInt8], nested: [Float], offset: Float) {
    (plain, self.codes, self.nested, self.offset) = ([], codes, nested, offset)
  }

  /// Quantises scales.
  public init(quantising scales: [Float]) {
    let sum = scales.reduce(0.0) { $0 + Double($1) }
    let offset = Float(sum / Double(max(scales.count, 1)))
    var codes: [UInt8] = [], nested: [Float] = []
    codes.reserveCapacity(scales.count)
    for start in stride(from: 0, to: scales.count, by: Self.block) {
      let part = scales[start..<min(start + Self.block, scales.count)].map { $0 - offset }
      let most = part.reduce(0) { max($0, abs($1)) }
      nested.append(most)
      codes += part.map { Self.code(most > 0 ? $0 / most : 0) }
    }
    self.init(codes: codes, nested: nested, offset: offset)
  }

  /// Whether they are quantised.
  public var isDouble: Bool { !codes.isEmpty }

  /// How many blocks there are.
  public var count: Int { isDouble ? codes.count : plain.count }

  /// Bytes they take.
  public var bytes: Int { 4 * plain.count + codes.count + 4 * nested.count + (isDouble ? 4 : 0) }

  /// The scales of some blocks, in float32.
  public func values(_ blocks: Range<Int>) -> [Float] {
    guard isDouble else { return Array(plain[blocks]) }
    let map = Self.map  // looked up once
    return blocks.map { map[Int(codes[$0])] * nested[$0 / Self.block] + offset }
  }

  // MARK: The map

  /// The dynamic map of 256 numbers: seven powers of ten with ever more steps between, mirrored, with 0 and 1.
  /// Dettmers 2015, arXiv:1511.04561.
  public static let map: [Float] = {
    var all: [Float] = [0, 1]
    var power = 1e-6
    for i in 0..<7 {
      let steps = 1 << i, edges = (0...steps).map { edge($0, of: steps) }
      for (a, b) in zip(edges, edges.dropFirst()) {
        let value = Float(power * Double((a + b) / 2))
        all += [value, -value]
      }
      power *= 10
    }
    return all.sorted()
  }()

  /// Evenly spaced from 0.1 to 1, counted from the nearer end as PyTorch does.
  private static func edge(_ i: Int, of steps: Int) -> Float {
    let step = (1 - Float(0.1)) / Float(steps)
    return i < (steps + 1) / 2 ? 0.1 + step * Float(i) : 1 - step * Float(steps - i)
  }

  private static let midpoints = zip(map, map.dropFirst()).map { ($0 + $1) / 2 }

  /// The code of the nearest number of the map; of two that are as near, the lower.
  private static func code(_ x: Float) -> UInt8 {
    var low = 0, high = midpoints.count  // midpoints below `low` are below x
    while low < high {
      let middle = (low + high) / 2
      if x > midpoints[middle] { low = middle + 1 } else { high = middle }
    }
    return UInt8(low)
  }
}
