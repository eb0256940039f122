#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Inside the enumeration below the plain names mean its own functions.
private func systemExp(_ x: Double) -> Double { exp(x) }
private func systemLog(_ x: Double) -> Double { log(x) }
private func systemTanh(_ x: Double) -> Double { tanh(x) }
private func systemErf(_ x: Double) -> Double { erf(x) }

/// Functions of one number, generic over the precision: computed in Double, rounded once.
public enum ReferenceFunctions {
  /// eˣ.
  public static func exp<T: BinaryFloatingPoint>(_ x: T) -> T { T(systemExp(Double(x))) }
  /// Natural logarithm.
  public static func log<T: BinaryFloatingPoint>(_ x: T) -> T { T(systemLog(Double(x))) }
  /// Hyperbolic tangent.
  public static func tanh<T: BinaryFloatingPoint>(_ x: T) -> T { T(systemTanh(Double(x))) }
  /// The error function.
  public static func erf<T: BinaryFloatingPoint>(_ x: T) -> T { T(systemErf(Double(x))) }
  /// 1/(1 + e⁻ˣ).
  public static func sigmoid<T: BinaryFloatingPoint>(_ x: T) -> T { 1 / (1 + exp(-x)) }
  /// max(x, 0).
  public static func relu<T: BinaryFloatingPoint>(_ x: T) -> T { x > 0 ? x : 0 }
  /// x·σ(x).
  public static func silu<T: BinaryFloatingPoint>(_ x: T) -> T { x * sigmoid(x) }
  /// ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
  public static func geluTanh<T: BinaryFloatingPoint>(_ x: T) -> T {
    let inner = T((2 / Double.pi).squareRoot()) * (x + T(0.044715) * x * x * x)
    return x / 2 * (1 + tanh(inner))
  }
  /// ½x·(1 + erf(x/√2)).
  public static func gelu<T: BinaryFloatingPoint>(_ x: T) -> T { x / 2 * (1 + erf(x / T(2).squareRoot())) }
}
