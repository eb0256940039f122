import Engine
import Networks

// What `default` and 0 mean.
extension Adapter {
  /// By how much the width is divided.
  public var divisor: Float { reduction > 0 ? reduction : kind == .parallel ? 2 : 16 }
  /// What f is multiplied by.
  public var strength: Float { scale != 0 ? scale : kind == .parallel ? 4 : 1 }
  /// m, for a layer of n numbers.
  public func bottleneck(of n: Int) -> Int {
    width > 0 ? width : max(1, Self.floored(n, by: Double("\(divisor)") ?? Double(divisor)))
  }

  /// n divided and rounded down as Python's `//` does it, which sees that 1.6 is a little more than 8/5.
  static func floored(_ n: Int, by divisor: Double) -> Int {
    let rest = Double(n).truncatingRemainder(dividingBy: divisor)
    return Int(min(1e9, ((Double(n) - rest) / divisor).rounded()))
  }

  /// What stands between the matrices.
  public var activation: Activation {
    guard act == .usual else { return act }
    return kind != .houlsby ? .relu : like == .paper ? .gelu : .swish
  }

  /// How the matrices start.
  public var start: Start {
    guard `init` == .usual else { return `init` }
    return kind == .parallel ? .mam : kind == .houlsby && like == .paper ? .paper : .bert
  }

  func starts(in n: Int) -> (down: Networks.Start, up: Networks.Start) {
    func both(_ start: Networks.Start) -> (Networks.Start, Networks.Start) {
      (start, sd > 0 ? .normal(sd) : start)
    }
    switch start {
    case .usual, .paper: return both(.truncated(1e-3))
    case .bert: return both(.normal(0.02))
    case .houlsby: return both(.truncated(1e-2))
    case .mam: return (.uniform(1 / Float(n).squareRoot()), sd > 0 ? .normal(sd) : .zeros)
    }
  }
}

extension Adapter.Activation {
  /// Applies it, number by number.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    switch self {
    case .usual, .gelu: return try x.gelu()
    case .geluTanh: return try x.geluTanh()
    case .relu: return try x.relu()
    case .swish: return try x.silu()
    case .tanh: return try x.tanh()
    }
  }
}
