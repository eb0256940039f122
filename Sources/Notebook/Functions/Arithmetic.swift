import Engine
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Functions {
  /// Number by number.
  static var arithmetic: [Function] {
    [
      elementwise("abs(x)", "The value without its sign.") { Swift.abs($0) },
      elementwise("log(x)", "The natural logarithm; ln is the same.") {
        logf($0)
      } _: {
        natural($0)
      },
      elementwise("ln(x)", "The natural logarithm.") {
        logf($0)
      } _: {
        natural($0)
      },
      elementwise("exp(x)", "e to the power of x.") {
        expf($0)
      } _: {
        power($0)
      },
      elementwise("sqrt(x)", "The square root.") {
        $0.squareRoot()
      } _: {
        $0.squareRoot()
      },
    ]
  }

  private static func elementwise(
    _ usage: String, _ sentence: String, _ single: @escaping (Float) -> Float,
    _ double: ((Double) -> Double)? = nil
  ) -> Function {
    Function(usage, sentence) { call in
      if case .number(let x) = call.arguments[0] { return .number(double?(x) ?? Swift.abs(x)) }
      let t = try call.tensor()
      return .tensor(try Tensor(t.shape, t.scalars.map(single)), nil)
    }
  }
}

#if canImport(Glibc)
  private func natural(_ x: Double) -> Double { Glibc.log(x) }
  private func power(_ x: Double) -> Double { Glibc.exp(x) }
#else
  private func natural(_ x: Double) -> Double { Darwin.log(x) }
  private func power(_ x: Double) -> Double { Darwin.exp(x) }
#endif
